# How everything is compiled: the target moonsift_flags.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_C_FLAGS_RELEASE "-O3 -g1 -DNDEBUG")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug or Release" FORCE)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(moonsift_flags INTERFACE)
# The same bits on every machine: no fused multiply-add, no reordering. errno of math is never read.
target_compile_options(moonsift_flags INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -fno-math-errno -ffp-contract=off)
# A compiler newer than those we know may have warnings that we do not: it must still build.
set(newest_GNU 12)
set(newest_Clang 14)
string(REGEX MATCH "^[0-9]+" compiler_major "${CMAKE_C_COMPILER_VERSION}")
set(newest ${newest_${CMAKE_C_COMPILER_ID}})
if(MOONSIFT_WERROR AND newest AND compiler_major GREATER newest)
  message(STATUS "${CMAKE_C_COMPILER_ID} ${compiler_major} is newer than ${newest}: warnings are no errors")
elseif(MOONSIFT_WERROR)
  target_compile_options(moonsift_flags INTERFACE -Werror)
endif()
if(MOONSIFT_NATIVE)
  include(CheckCCompilerFlag)
  check_c_compiler_flag(-march=native HAVE_MARCH_NATIVE)
  check_c_compiler_flag(-mprefer-vector-width=256 HAVE_VECTOR_WIDTH)
  target_compile_options(moonsift_flags INTERFACE
    $<$<BOOL:${HAVE_MARCH_NATIVE}>:-march=native>
    $<$<BOOL:${HAVE_VECTOR_WIDTH}>:-mprefer-vector-width=256>)
endif()
if(MOONSIFT_SANITIZE)
  target_compile_options(moonsift_flags INTERFACE
    -fsanitize=${MOONSIFT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(moonsift_flags INTERFACE -fsanitize=${MOONSIFT_SANITIZE})
endif()
if(MOONSIFT_COVERAGE)
  target_compile_options(moonsift_flags INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(moonsift_flags INTERFACE --coverage)
endif()
