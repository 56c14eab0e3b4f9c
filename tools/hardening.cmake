# Compiler and linker options against the exploitation of memory errors, as far as the compiler supports them,
# added to taxamba_options:
#   -fstack-protector-strong   a canary before the return address
#   _FORTIFY_SOURCE=2          checked copies and prints; needs optimisation, and sanitizers find more
#                              without it. A setting of the distribution (CFLAGS, or the compiler's own) is
#                              kept
#   PIE                        the program too is loaded at a random address
#                              (CMAKE_POSITION_INDEPENDENT_CODE, and -pie of the linker)
#   relro, now                 the memory that the loader writes is read-only before main() runs
#   noexecstack                the stack is not executable
# tests/meta/binaries.sh looks for all of them in what was built.
include(CheckPIESupported)
check_pie_supported(OUTPUT_VARIABLE pie_output LANGUAGES C)
include(CheckCCompilerFlag)
include(CheckLinkerFlag)
include(CheckCSourceCompiles)
check_c_compiler_flag(-fstack-protector-strong TX_HAS_STACK_PROTECTOR)
if(TX_HAS_STACK_PROTECTOR)
  target_compile_options(taxamba_options INTERFACE -fstack-protector-strong)
endif()
foreach(setting relro now noexecstack)
  check_linker_flag(C -Wl,-z,${setting} TX_HAS_LINK_${setting})
  if(TX_HAS_LINK_${setting})
    target_link_options(taxamba_options INTERFACE -Wl,-z,${setting})
  endif()
endforeach()
# Optimised, as a compiler that fortifies by itself does so only then.
set(CMAKE_REQUIRED_FLAGS -O2)
check_c_source_compiles("#ifdef _FORTIFY_SOURCE\n#error it is set\n#endif\nint main(void) { return 0; }"
  TX_FORTIFY_IS_FREE)
unset(CMAKE_REQUIRED_FLAGS)
if(TX_FORTIFY_IS_FREE AND NOT TX_SANITIZE)
  target_compile_definitions(taxamba_options
    INTERFACE $<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:_FORTIFY_SOURCE=2>)
endif()

# What tests/meta/binaries.sh may ask for.
set(TX_HARDENING)
foreach(setting relro now)
  if(TX_HAS_LINK_${setting})
    list(APPEND TX_HARDENING ${setting})
  endif()
endforeach()
set(TX_HARDENING_CODE ${TX_HARDENING})
if(TX_HAS_STACK_PROTECTOR)
  list(APPEND TX_HARDENING_CODE stack_protector)
endif()
if(TX_FORTIFY_IS_FREE AND NOT TX_SANITIZE
  AND CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo|MinSizeRel)$")
  list(APPEND TX_HARDENING_CODE fortify)
endif()
