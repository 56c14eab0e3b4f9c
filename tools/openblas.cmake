# Finds what src/tensor/blas.c loads OpenBLAS by, from the library that pkg-config names
# (openblas_LINK_LIBRARIES).
#   TX_OPENBLAS_LIBRARY   its soname where the loader finds that by itself, otherwise its absolute path
foreach(library ${openblas_LINK_LIBRARIES})
  if(library MATCHES "openblas[^/]*[.](so|dylib)[^/]*$")
    set(openblas_file ${library})
  endif()
endforeach()
if(NOT openblas_file)
  message(FATAL_ERROR "No shared OpenBLAS is installed (pkg-config names '${openblas_LINK_LIBRARIES}'): "
    "install one, such as Debian's libopenblas-dev")
endif()
execute_process(COMMAND ${CMAKE_READELF} -d ${openblas_file} OUTPUT_VARIABLE openblas_dynamic ERROR_QUIET)
if(NOT openblas_dynamic MATCHES "SONAME[^[]*\\[([^]]+)\\]")
  message(FATAL_ERROR
    "${openblas_file} has no soname: it is no shared library that could be loaded when it is needed")
endif()
set(TX_OPENBLAS_LIBRARY ${CMAKE_MATCH_1})
get_filename_component(openblas_folder ${openblas_file} DIRECTORY)
set(openblas_found FALSE)
foreach(folder /lib /usr/lib /lib64 /usr/lib64 /lib/${CMAKE_LIBRARY_ARCHITECTURE}
  /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE})
  if(EXISTS ${CMAKE_SYSROOT}${folder}/${TX_OPENBLAS_LIBRARY})
    set(openblas_found TRUE)
  endif()
endforeach()
if(NOT openblas_found)
  set(TX_OPENBLAS_LIBRARY ${openblas_folder}/${TX_OPENBLAS_LIBRARY})
  if(CMAKE_SYSROOT)
    string(REGEX REPLACE "^${CMAKE_SYSROOT}" "" TX_OPENBLAS_LIBRARY ${TX_OPENBLAS_LIBRARY})
  endif()
endif()
message(STATUS "OpenBLAS is loaded as ${TX_OPENBLAS_LIBRARY}")

# Some builds of OpenBLAS leave LAPACK out; training needs its eigenvectors and QR.
include(CheckFunctionExists)
set(CMAKE_REQUIRED_LIBRARIES ${openblas_LINK_LIBRARIES})
check_function_exists(sgeqrf_ TX_OPENBLAS_HAS_LAPACK)
unset(CMAKE_REQUIRED_LIBRARIES)
if(NOT TX_OPENBLAS_HAS_LAPACK)
  message(FATAL_ERROR "This OpenBLAS was built without LAPACK (NO_LAPACK=1): "
    "install one with it, such as Debian's libopenblas-dev")
endif()
