# What the binary carries along: the Lua library, the scripts, and the public header as the FFI reads it.
# Sets MOONSIFT_EMBEDDED to the C file that defines ms_embedded_files (core/base/embedded.h).
file(GLOB_RECURSE embedded_lua CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}
     ${PROJECT_SOURCE_DIR}/stdlib/*.lua ${PROJECT_SOURCE_DIR}/scripts/*.lua)
list(SORT embedded_lua)

set(embed_directory ${PROJECT_BINARY_DIR}/embedded)
file(MAKE_DIRECTORY ${embed_directory})

set(embed_header "")
if(EXISTS ${PROJECT_SOURCE_DIR}/core/api.h)
  set(embed_header ${embed_directory}/api.ffi.h)
  add_custom_command(
    OUTPUT ${embed_header}
    COMMAND ${CMAKE_C_COMPILER} -std=c11 -E -P -DMS_FFI -I${PROJECT_SOURCE_DIR}
            -o ${embed_header} ${PROJECT_SOURCE_DIR}/core/api.h
    DEPENDS ${PROJECT_SOURCE_DIR}/core/api.h
    COMMENT "Preprocessing core/api.h for the FFI" VERBATIM)
endif()

# The list goes through a file that changes only when the list does.
list(JOIN embedded_lua "\n" embedded_lines)
file(CONFIGURE OUTPUT ${embed_directory}/list.txt CONTENT "@embedded_lines@\n" @ONLY)

set(MOONSIFT_EMBEDDED ${embed_directory}/embedded.c)
list(TRANSFORM embedded_lua PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE embedded_paths)
add_custom_command(
  OUTPUT ${MOONSIFT_EMBEDDED}
  COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR} -DLIST=${embed_directory}/list.txt
          -DHEADER=${embed_header} -DOUTPUT=${MOONSIFT_EMBEDDED}
          -P ${PROJECT_SOURCE_DIR}/cmake/embed_write.cmake
  DEPENDS ${embedded_paths} ${embed_header} ${embed_directory}/list.txt
          ${PROJECT_SOURCE_DIR}/cmake/embed_write.cmake
  COMMENT "Embedding the Lua library" VERBATIM)
