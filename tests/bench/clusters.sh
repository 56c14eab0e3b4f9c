#!/bin/sh
# Time and memory of each way of clustering beside scikit-learn (Debian: python3-sklearn) and, for UMAP
# followed by Ward's method, umap-learn (Debian: umap-learn), on the same points: invented ones of 256
# numbers, in genera of species of a few records.
#   [CLUSTERS=NUMBER] clusters.sh PROGRAM FOLDER COUNT [METHOD]...
# CLUSTERS: as many clusters instead of the number of species, of the methods that are given one.
# Prints for each method the processor seconds (which hardly depend on other load, unlike the wall clock), the
# wall clock, the peak memory, the number of clusters and their AMI against the species. One thread. Reading
# the points and writing the clusters count for both; of the others "fit" is the clustering alone, without
# Python's start.
set -eu
program=${1:?usage: clusters.sh PROGRAM FOLDER COUNT [METHOD]...}
folder=${2:?}
count=${3:?}
shift 3
[ $# -gt 0 ] || set -- ward average_cosine kmeans hdbscan spectral affinity umap
mkdir -p "$folder"
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
exec "${PYTHON:-/usr/bin/python3}" - "$program" "$folder" "$count" "$@" <<'END'
import os, subprocess, sys, time
program, folder, count, methods = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]

# In processes of their own, so that this one stays small: a child's peak begins with its parent's memory.
MAKE = """
import numpy as np
rng = np.random.default_rng(1)
x, y, species = [], [], 0
while len(y) < count:
    genus = rng.normal(0, 1, 256)
    for _ in range(rng.integers(1, 9)):
        centre = genus + 0.5 * rng.normal(0, 1, 256)
        n = int(min(rng.integers(1, 10), count - len(y)))
        x.append(centre + 0.15 * rng.normal(0, 1, (n, 256))); y += [species] * n; species += 1
order = rng.permutation(count)
np.save(name + ".npy", np.concatenate(x)[order].astype(np.float32))
y = np.array(y)[order]
open(name + ".npy.ids", "w").write("".join(f"r{i}\\n" for i in range(count)))
open(name + ".tsv", "w").write("id\\tspecies\\n" + "".join(f"r{i}\\tspecies {c}\\n" for i, c in enumerate(y)))
"""
THEIRS = """
import time, numpy as np, sklearn.cluster as C
x = np.load(name + ".npy").astype(np.float64)
how = dict(ward=lambda: C.AgglomerativeClustering(n_clusters=k),
           average_cosine=lambda: C.AgglomerativeClustering(n_clusters=k, linkage="average", metric="cosine"),
           kmeans=lambda: C.KMeans(n_clusters=k, n_init=1, max_iter=1000, random_state=1),
           spectral=lambda: C.SpectralClustering(n_clusters=k, affinity="nearest_neighbors",
                                                 assign_labels="cluster_qr", random_state=1),
           affinity=lambda: C.AffinityPropagation(damping=0.9, max_iter=1000, random_state=1))
def umap_ward():
    import umap
    global x
    x = umap.UMAP(n_neighbors=30, n_components=50, min_dist=0.0, random_state=0, n_jobs=1).fit_transform(x)
    return how["ward"]()
how["umap"] = umap_ward
began = time.process_time()
method = how[method]()
labels = method.fit(x).labels_
seconds = time.process_time() - began
open(name + ".theirs", "w").write(f"{seconds}\\n" + "".join(f"r\\t{c}\\n" for c in labels))
"""
AMI = """
from sklearn.metrics import adjusted_mutual_info_score as ami
read = lambda path: [line.split("\\t")[1] for line in open(path).read().splitlines()[1:]]
found = read(path)
print(f"{len(set(found)):10d}{ami(read(name + '.tsv'), found):8.4f}")
"""
# Affinity propagation of 20,000 points needs more than the default of --max-matrix.
OURS = dict(ward="--method ward", average_cosine="--method average --metric cosine", kmeans="--method kmeans",
            hdbscan="--method hdbscan", spectral="--method spectral",
            affinity="--method affinity --max-matrix 8192", umap="--protocol bioscan5m")

def run(words):
    began = time.time()
    process = subprocess.Popen(words)
    _, status, usage = os.wait4(process.pid, 0)
    if status: sys.exit(f"failed: {words}")
    return usage.ru_utime + usage.ru_stime, time.time() - began, usage.ru_maxrss / 1024

def python(code, **given):
    return [sys.executable, "-c", "".join(f"{a} = {b!r}\n" for a, b in given.items()) + code]

name = f"{folder}/points{count}"
if not os.path.exists(name + ".tsv"): run(python(MAKE, name=name, count=count))
k = len({line.split("\t")[1] for line in open(name + ".tsv").read().splitlines()[1:]})
species, k = k, int(os.environ.get("CLUSTERS", k))
print(f"{count} points, {species} species, {k} clusters; load {os.getloadavg()[0]:.1f}", flush=True)
print(f"{'method':16s}{'whose':10s}{'cpu s':>9s}{'fit s':>9s}{'wall s':>9s}{'MiB':>8s}"
      f"{'clusters':>10s}{'AMI':>8s}", flush=True)
for method in methods:
    fixed = [] if method in ("hdbscan", "affinity") else ["-k", str(k)]
    rows = [("taxamba", name + ".ours", [program, "cluster", "-q", "-t", "1", "-e", name + ".npy", "-o",
                                         name + ".ours", *fixed, *OURS[method].split()])]
    if method != "hdbscan":  # scikit-learn 1.2 has none
        rows.append(("sklearn", name + ".theirs", python(THEIRS, name=name, k=k, method=method)))
    for whose, path, words in rows:
        cpu, wall, memory = run(words)
        fit = f"{float(open(path).readline()):9.2f}" if whose == "sklearn" else f"{'':9s}"
        scores = subprocess.check_output(python(AMI, name=name, path=path), text=True).rstrip()
        print(f"{method:16s}{whose:10s}{cpu:9.2f}{fit}{wall:9.2f}{memory:8.0f}{scores}", flush=True)
END
