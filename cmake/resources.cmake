# resources(target SYMBOL name=file ... [DEPENDS file ...]) puts files inside the program, so that it runs from any folder: the bytes
# stand in the read-only data of one generated source, which defines `std::span<const base::Resource> SYMBOL()` for ground/base/resource.h.
# The name is what the program asks for, the file where it stands (generated ones included).
function(resources target symbol)
  set(source ${CMAKE_BINARY_DIR}/resources_${target}.cc)
  set(assembly "")
  set(declarations "")
  set(rows "")
  set(files "")
  set(number 0)
  foreach(pair ${ARGN})
    string(REGEX MATCH "^([^=]+)=(.+)$" _ "${pair}")
    set(label "${target}_resource_${number}")
    string(APPEND assembly "    \"${label}: .incbin \\\"${CMAKE_MATCH_2}\\\"\\n\"\n    \"${label}_end: .byte 0\\n\"\n")
    string(APPEND declarations "extern const char ${label}[] __attribute__((visibility(\"hidden\")));\nextern const char ${label}_end[] __attribute__((visibility(\"hidden\")));\n")
    string(APPEND rows "        {\"${CMAKE_MATCH_1}\", {${label}, static_cast<std::size_t>(${label}_end - ${label})}},\n")
    list(APPEND files ${CMAKE_MATCH_2})
    math(EXPR number "${number} + 1")
  endforeach()
  string(REPLACE "::" ";" scopes ${symbol})
  list(POP_BACK scopes function)
  list(JOIN scopes "::" scope)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT "// Made by cmake/resources.cmake.
#include \"ground/base/resource.h\"
asm(\".section .rodata\\n\"
${assembly}    \".text\\n\");
extern \"C\" {
${declarations}}
namespace ${scope} {
std::span<const base::Resource> ${function}() {
    static const base::Resource kAll[] = {
${rows}    };
    return kAll;
}
}
")
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${files}" SKIP_PRECOMPILE_HEADERS ON)
  target_sources(${target} PRIVATE ${source})
endfunction()

# The office's browser files: built by web/ with npm's locked packages (`./dev setup` installs them) and copied here.
function(web_bundles)
  file(GLOB_RECURSE inputs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/src/*.ts ${CMAKE_SOURCE_DIR}/web/css/*.css ${CMAKE_SOURCE_DIR}/web/assets/*)
  list(FILTER inputs EXCLUDE REGEX "\\.test\\.ts$")
  set(outputs "")
  foreach(name office.css office.js editor.js icons.svg)
    list(APPEND outputs ${CMAKE_BINARY_DIR}/web/${name})
  endforeach()
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/web
    COMMAND npm --prefix ${CMAKE_SOURCE_DIR}/web run --silent build
    COMMAND ${CMAKE_COMMAND} -E chdir ${CMAKE_SOURCE_DIR}/web/dist ${CMAKE_COMMAND} -E copy office.css office.js editor.js icons.svg ${CMAKE_BINARY_DIR}/web
    DEPENDS ${inputs} ${CMAKE_SOURCE_DIR}/web/package-lock.json ${CMAKE_SOURCE_DIR}/web/tools/build.mjs
    COMMENT "Bundling the office's browser files"
    VERBATIM)
endfunction()
