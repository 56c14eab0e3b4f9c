# Sourced by quickstart.sh and check.sh: installs the Debian packages that are missing.

# need_packages NAME...
need_packages() {
  if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    echo "== not a Debian system: these packages, or their like, are taken to be there: $*"
    return 0
  fi
  missing=
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
      missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -eq 0 ]; then
    as_root=
  elif command -v sudo >/dev/null 2>&1; then
    as_root=sudo
  else
    echo "These packages are missing:$missing" >&2
    echo "Run as root, or install them first:  apt-get install$missing" >&2
    return 1
  fi
  echo "== installing$missing"
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update </dev/null &&
    # shellcheck disable=SC2086 # one word per package
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
      --no-install-recommends $missing </dev/null >/dev/null
}

# What the library and the program are built with.
build_packages="gcc libc6-dev make cmake pkg-config libhts-dev zlib1g-dev libopenblas-dev libcjson-dev
  libbz2-dev liblzma-dev libzstd-dev"
# What the checks need besides.
check_packages="libhdf5-dev libcmocka-dev g++ clang libclang-rt-dev python3-biom-format r-base-core
  chromium"
# What the checks for another processor need.
cross_packages="gcc-aarch64-linux-gnu qemu-user"

processors() {
  nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1
}
