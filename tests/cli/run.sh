#!/bin/sh
# Runs one case in an empty folder.
#   run.sh CASE PROGRAM SOURCE_FOLDER WORK_FOLDER
# WORK_FOLDER/model.safetensors is made by setup.sh.
case=${1:?usage: run.sh CASE PROGRAM SOURCE_FOLDER WORK_FOLDER}
taxamba=${2:?}
source=${3:?}
work=${4:?}
here=$source/tests/cli
data=$source/data
queries=$data/simulated_queries.fasta
model=$work/model.safetensors
export taxamba source here data queries model
unset TAXAMBA_MODEL
LC_ALL=C
export LC_ALL
folder=$work/$case
[ ! -d "$folder" ] || chmod -R u+rwx "$folder"
rm -rf "$folder"
mkdir -p "$folder" && cd "$folder" || exit 1
. "$here/lib.sh"
. "$here/cases/$case.sh"
faults=$(grep -c '^FAULT' "$fault_list")
[ "$faults" -eq 0 ] || { printf '%s: %s failed\n' "$case" "$faults"; exit 1; }
cd / && rm -rf "$folder" "$fault_list"
