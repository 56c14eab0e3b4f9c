#!/bin/sh
# Cross-compiles everything for 64-bit ARM with warnings as errors and runs the tests under user-mode
# emulation (Debian, x86-64).
#   compiler and emulator   installed if they are missing
#   libraries for arm64     unpacked into build-check/aarch64-sysroot; nothing of the system's own is touched
#   model of the CLI cases  trained by the machine's own build, build-check/gcc
#   build                   build-check/aarch64, Release (toolchain file tools/aarch64.cmake)
#
#   tools/aarch64.sh        exit code 77: the tools or the libraries cannot be had here, nothing was checked
set -eu
cd "$(dirname "$0")/.."
. tools/packages.sh

case ${1-} in
'') ;;
-h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
*) echo "aarch64.sh: unknown argument '$1' (there are none)" >&2; exit 2 ;;
esac

top=$PWD/build-check
sysroot=$top/aarch64-sysroot
log=$top/aarch64.log
target_packages="libc6-dev libhts-dev zlib1g-dev libopenblas-pthread-dev libcjson-dev libcmocka-dev"
target_packages="$target_packages libbz2-dev liblzma-dev libzstd-dev"

# Cases of tests/cli that take minutes under the emulator (those that train, and those whose question the
# tests of infer ask too), and one about levels, of which there is one.
too_long="train train_lock changing train_bpe train_optimisers train_recipe both_strands pretrain"
too_long="$too_long train_resume train_config eval_model signals same_bytes duplicates quantize levels search"
too_long="$too_long longer progress train_add resources train_openblas index calibrate grouped amplicon"
too_long="$too_long tables witness styles names alias cluster idle_options pytorch eval_suite"
too_long="$too_long fragments train_teacher multilabel train_traits traits train_second align sources"
too_long="$too_long witness_taxa skip_bad report_browser"

# Unit tests whose trainings or fits take minutes there; test_train_kept and test_infer_predict stay.
too_long_units="test_objective_pretrain test_objective_autoencoder test_train_together test_optim_kl"
too_long_units="$too_long_units test_train_strands test_evidence_answer test_evidence_calibrate"
too_long_units="$too_long_units test_cluster_umap test_train_add test_train_run test_infer_predict_strands"
too_long_units="$too_long_units test_train_teacher test_train_multilabel test_train_traits"
too_long_units="$too_long_units test_objective_align test_cluster_eigen test_infer_predict_told"
too_long_units="$too_long_units test_dataset_balance test_dataset_second test_suite_stages"
too_long_units="$too_long_units test_evidence_region test_evidence_details"

leave_out() {
  echo "aarch64: left out, as $*"
  exit 77
}

# The arm64 packages and all that they need, found and fetched by an apt with a state of its own (the
# machine's sources, another architecture, nothing installed): to add the architecture to the machine's dpkg
# could replace packages of the machine.
unpack_sysroot() {
  libraries=usr/lib/aarch64-linux-gnu
  state=$sysroot.part/apt
  rm -rf "$sysroot" "$sysroot.part"
  mkdir -p "$state/state/lists/partial" "$state/cache/archives/partial"
  : >"$state/status"
  own_apt="env DEBIAN_FRONTEND=noninteractive apt-get -qq
    -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root
    -o Dir::State=$state/state -o Dir::State::status=$state/status
    -o Dir::Cache=$state/cache -o Debug::NoLocking=1"
  # A source without arm64 makes the update fail in part, which does not matter if the packages are found.
  $own_apt update </dev/null || true
  # shellcheck disable=SC2086 # one word per package
  $own_apt install -y --download-only --no-install-recommends $target_packages </dev/null || return 1
  for package in "$state"/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$sysroot.part" || return 1
  done
  # Absolute links would lead to the machine's own libraries.
  find "$sysroot.part" -type l -lname '/*' | while read -r link; do
    ln -sfnr "$sysroot.part$(readlink "$link")" "$link" || exit 1
  done || return 1
  # What the package's installation would choose among the kinds of OpenBLAS.
  ln -sfn openblas-pthread/libopenblas.so.0 "$sysroot.part/$libraries/libopenblas.so.0"
  rm -rf "$state"
  echo "$target_packages" >"$sysroot.part/packages"
  mv "$sysroot.part" "$sysroot"
}

[ "$(uname -m)" = x86_64 ] || leave_out "this machine is no x86-64"
command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 ||
  leave_out "this is not a Debian system"
mkdir -p "$top"
# shellcheck disable=SC2086 # one word per package
need_packages $build_packages $cross_packages >"$log" 2>&1 ||
  leave_out "the cross compiler and the emulator cannot be installed ($log)"
if [ "$(cat "$sysroot/packages" 2>/dev/null)" != "$target_packages" ]; then
  unpack_sysroot >"$log" 2>&1 || leave_out "the libraries for arm64 cannot be fetched ($log)"
fi

jobs=$(processors)
launcher=
command -v ccache >/dev/null 2>&1 && launcher=-DCMAKE_C_COMPILER_LAUNCHER=ccache
OPENBLAS_NUM_THREADS=1
export OPENBLAS_NUM_THREADS

# or_show COMMAND...: its output goes to the log, and is shown if it fails.
or_show() {
  "$@" >"$log" 2>&1 && return 0
  grep -nE -A 12 'error:|warning:|Error' "$log" | head -n 60 >&2 || true
  tail -n 5 "$log" >&2
  echo "aarch64: failed: $*; the whole log is $log" >&2
  exit 1
}

# To train that model under the emulator takes minutes, and a model file is to be read by every machine.
or_show cmake -S . -B "$top/gcc" -DTX_WERROR=ON $launcher -DCMAKE_C_COMPILER=gcc
or_show cmake --build "$top/gcc" -j "$jobs" --target taxamba_tool
or_show sh tests/cli/setup.sh "$top/gcc/taxamba" "$PWD" "$top/aarch64-model"
or_show cmake -S . -B "$top/aarch64" -DTX_WERROR=ON -DCMAKE_BUILD_TYPE=Release $launcher \
  -DCMAKE_TOOLCHAIN_FILE="$PWD/tools/aarch64.cmake" -DAARCH64_SYSROOT="$sysroot" \
  -DTX_CLI_MODEL="$top/aarch64-model/model.safetensors"
or_show cmake --build "$top/aarch64" -j "$jobs"
echo "aarch64: shorter loops in the longest tests (TX_LIGHT_TESTS); left out under the emulator: the cases" \
  "$too_long of tests/cli,"
echo "  $too_long_units of tests/unit,"
echo "  the installation and the headers of tests/meta, the benchmarks"
cases=$(echo "$too_long" | tr ' ' '|')
units=$(echo "$too_long_units" | tr ' ' '|')
ctest --test-dir "$top/aarch64" --output-on-failure -j "$jobs" -E "^(cli/($cases)|unit/($units))\$"
