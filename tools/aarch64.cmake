# CMake toolchain file: 64-bit ARM (aarch64) with Debian's cross compiler, against the libraries that
# tools/aarch64.sh unpacks into a folder of their own, and what is built run by the user-mode emulator.
#   cmake -S . -B build-aarch64 -DCMAKE_TOOLCHAIN_FILE=tools/aarch64.cmake [-DAARCH64_SYSROOT=FOLDER]
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
if(NOT AARCH64_SYSROOT)
  get_filename_component(AARCH64_SYSROOT "${CMAKE_CURRENT_LIST_DIR}/../build-check/aarch64-sysroot" ABSOLUTE)
endif()
# This file is read again for every probe of the compiler.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES AARCH64_SYSROOT)
set(CMAKE_SYSROOT "${AARCH64_SYSROOT}")
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L "${AARCH64_SYSROOT}")

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# The file of OpenBLAS is in a folder of its own, to which the installed package would make a link.
set(ENV{PKG_CONFIG_PATH} "")
set(ENV{PKG_CONFIG_SYSROOT_DIR} "${AARCH64_SYSROOT}")
set(aarch64_libraries "${AARCH64_SYSROOT}/usr/lib/aarch64-linux-gnu")
set(ENV{PKG_CONFIG_LIBDIR}
  "${aarch64_libraries}/pkgconfig:${aarch64_libraries}/openblas-pthread/pkgconfig")
