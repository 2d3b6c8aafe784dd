# The libraries that moonsift stands on: the target moonsift_packages.
# Each has the name of the Debian package that brings it, for the message where it is missing.
find_package(PkgConfig)
if(NOT PKG_CONFIG_FOUND)
  message(FATAL_ERROR "pkg-config is missing: apt install pkg-config")
endif()
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

add_library(moonsift_packages INTERFACE)
target_link_libraries(moonsift_packages INTERFACE Threads::Threads m)

set(missing "")
function(moonsift_need module package)
  string(MAKE_C_IDENTIFIER "need_${module}" prefix)
  pkg_check_modules(${prefix} QUIET IMPORTED_TARGET ${module})
  if(${prefix}_FOUND)
    target_link_libraries(moonsift_packages INTERFACE PkgConfig::${prefix})
  else()
    list(APPEND missing ${package})
    set(missing "${missing}" PARENT_SCOPE)
  endif()
endfunction()

moonsift_need(luajit libluajit-5.1-dev)
moonsift_need(sqlite3 libsqlite3-dev)
moonsift_need(zlib zlib1g-dev)
moonsift_need(libxxhash libxxhash-dev)
moonsift_need(libutf8proc libutf8proc-dev)
moonsift_need(libpcre2-8 libpcre2-dev)
moonsift_need(jansson libjansson-dev)
moonsift_need(libedit libedit-dev)

# libcsv has no pkg-config file.
find_path(CSV_INCLUDE csv.h)
find_library(CSV_LIBRARY csv)
if(CSV_INCLUDE AND CSV_LIBRARY)
  target_link_libraries(moonsift_packages INTERFACE ${CSV_LIBRARY})
else()
  list(APPEND missing libcsv-dev)
endif()

if(missing)
  list(JOIN missing " " missing)
  message(FATAL_ERROR "Libraries are missing. On Debian or Ubuntu:\n"
                      "  apt install ${missing}\n"
                      "or  sh examples/packages.sh build")
endif()
