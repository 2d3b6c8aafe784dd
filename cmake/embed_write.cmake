# cmake -DROOT= -DLIST= -DHEADER= -DOUTPUT= -P embed_write.cmake
# Writes the C file that holds the embedded files: the assembler takes their bytes in (.incbin), and a
# table gives name, place and size of each. A NUL that is not counted follows each file.
file(STRINGS ${LIST} names)
set(bytes "")
set(externs "")
set(rows "")
set(count 0)

macro(embed name path)
  file(SIZE ${path} size)
  string(APPEND bytes "  \"ms_embedded_${count}:\\n .incbin \\\"${path}\\\"\\n .byte 0\\n\"\n")
  string(APPEND externs "extern const char ms_embedded_${count}[];\n")
  string(APPEND rows "  {\"${name}\", ms_embedded_${count}, ${size}},\n")
  math(EXPR count "${count} + 1")
endmacro()

foreach(name IN LISTS names)
  if(NOT name STREQUAL "")
    embed(${name} ${ROOT}/${name})
  endif()
endforeach()
if(HEADER)
  embed("core/api.ffi.h" ${HEADER})
endif()

file(WRITE ${OUTPUT} "/* Written by cmake/embed_write.cmake. */
#include \"core/base/embedded.h\"

__asm__(
  \".pushsection .rodata\\n\"
${bytes}  \".popsection\\n\");
${externs}
const ms_embedded_file ms_embedded_files[] = {
${rows}  {0, 0, 0}};
")
