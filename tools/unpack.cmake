# Libraries for compressed input beside gzip. Each is used if it is there; without one, the program refuses
# its format with the command that decompresses it.
#   TX_UNPACK_TARGETS    what the library is linked with
#   TX_UNPACK_PACKAGES   packages of CMake, and TX_UNPACK_MODULES of pkg-config, that users of the static
#                        library need for that; TX_UNPACK_LIBRARIES where there is no such module
set(TX_UNPACK_TARGETS)
set(TX_UNPACK_PACKAGES)
set(TX_UNPACK_MODULES)
set(TX_UNPACK_LIBRARIES)
find_package(BZip2 QUIET)
find_package(LibLZMA QUIET)
pkg_check_modules(zstd QUIET IMPORTED_TARGET libzstd)
if(BZIP2_FOUND)
  list(APPEND TX_UNPACK_TARGETS BZip2::BZip2)
  list(APPEND TX_UNPACK_PACKAGES BZip2)
  set(TX_UNPACK_LIBRARIES "-lbz2 ")
endif()
if(LIBLZMA_FOUND)
  list(APPEND TX_UNPACK_TARGETS LibLZMA::LibLZMA)
  list(APPEND TX_UNPACK_PACKAGES LibLZMA)
  string(APPEND TX_UNPACK_MODULES " liblzma")
endif()
if(zstd_FOUND)
  list(APPEND TX_UNPACK_TARGETS PkgConfig::zstd)
  string(APPEND TX_UNPACK_MODULES " libzstd")
endif()
message(STATUS "Compressed input: gzip, bzip2 ${BZIP2_FOUND}, xz ${LIBLZMA_FOUND}, zstd ${zstd_FOUND}")
