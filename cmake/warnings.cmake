# Aggregates with defaults are meant to be given in part, hence no -Wmissing-field-initializers.
add_compile_options(-Wall -Wextra -Wno-missing-field-initializers -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual -Woverloaded-virtual
                    -Werror -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 warns of overlaps and bounds in the standard library's own string code (its bugs 105329 and 105651). The sanitiser
  # build looks for the real ones. Delete when GCC 13 is the oldest compiler.
  add_compile_options(-Wno-restrict -Wno-array-bounds -Wno-stringop-overflow)
endif()
if(YAKUBA_JOIN)
  add_compile_options(-Wno-shadow)  # one file's word shadows no other file's
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    add_compile_options(-Wno-subobject-linkage)  # it takes a joined file for a header, and its unnamed namespaces for a mistake
  endif()
endif()
add_compile_definitions(_FILE_OFFSET_BITS=64)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
if(YAKUBA_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined)
  # Millions of addresses in the tables of the sanitisers, which a position-independent program would relocate at each of two thousand starts.
  add_link_options(-fsanitize=address,undefined -no-pie)
endif()
# lld 14 is for clang only: GCC 12 leaves empty unwind entries beside .cold code, which lld keeps, and an exception that passes through
# them aborts the program. Seen in a test; ld.bfd drops the empty entries. Delete the condition when lld 15 is the oldest linker.
find_program(LLD NAMES ld.lld ld.lld-14)
if(LLD AND CMAKE_CXX_COMPILER_ID MATCHES Clang)
  add_link_options(-fuse-ld=lld)
endif()
# What is given to test code after the options of its build type. Fortified functions need optimised code.
set(YAKUBA_TEST_OPTIONS -O0 -U_FORTIFY_SOURCE)
if(YAKUBA_SANITIZE)
  # A sixth of compiling for the sanitisers is to ask before each use of a pointer whether it is null, aligned and of its type. The
  # address sanitiser stops at the null ones, too, and casts are rare: rooms that read what comes from outside are asked all the same.
  list(APPEND YAKUBA_TEST_OPTIONS -fno-sanitize=null,alignment,vptr)
endif()
