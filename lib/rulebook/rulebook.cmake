# The rulebook in three steps: a loader, a generator that turns rules/ into constants with it, and the module with both.
file(GLOB sources CONFIGURE_DEPENDS rulebook/loader/*.cc)
add_library(maildiag_rules_loader STATIC ${sources})
target_include_directories(maildiag_rules_loader PUBLIC ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/include)
target_link_libraries(maildiag_rules_loader PUBLIC maildiag_core PRIVATE PkgConfig::RE2 PkgConfig::TOMLPLUSPLUS)

file(GLOB sources CONFIGURE_DEPENDS rulebook/generator/*.cc)
add_executable(maildiag_rules_generator ${sources})
target_link_libraries(maildiag_rules_generator PRIVATE maildiag_rules_loader)

set(compiled_rules ${CMAKE_CURRENT_BINARY_DIR}/rules)
file(MAKE_DIRECTORY ${compiled_rules})
set(compiled_sources providers rules rule_order causes finding_texts lists dkim_selectors requirements registries labels)
list(TRANSFORM compiled_sources REPLACE "(.+)" "${compiled_rules}/\\1.cc")
file(GLOB_RECURSE rule_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/rules/*.toml)
add_custom_command(OUTPUT ${compiled_sources}
  COMMAND maildiag_rules_generator ${PROJECT_SOURCE_DIR}/rules ${compiled_rules}
  DEPENDS maildiag_rules_generator ${rule_files}
  COMMENT "Compiling rules/" VERBATIM)

# Each numbers its arrays from 0.
set_source_files_properties(${compiled_sources} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)

maildiag_module(rulebook USES rules_loader core LIBRARIES PkgConfig::RE2)
target_sources(maildiag_rulebook PRIVATE ${compiled_sources})

# The pages of the manual that say what rules/ holds: templates of man/ filled in.
file(GLOB sources CONFIGURE_DEPENDS rulebook/manual/*.cc)
add_executable(maildiag_manual_generator ${sources})
target_link_libraries(maildiag_manual_generator PRIVATE maildiag_rules_loader)

set(generated_pages)
foreach(language en ko)
  set(directory ${PROJECT_BINARY_DIR}/man)
  set(templates ${PROJECT_SOURCE_DIR}/man)
  if(NOT language STREQUAL "en")
    string(APPEND directory /${language})
    string(APPEND templates /${language})
  endif()
  file(MAKE_DIRECTORY ${directory})
  foreach(page maildiag-findings.7 maildiag-causes.7)
    add_custom_command(OUTPUT ${directory}/${page}
      COMMAND maildiag_manual_generator ${PROJECT_SOURCE_DIR}/rules ${language} ${templates}/${page}.in ${directory}/${page}
      DEPENDS maildiag_manual_generator ${rule_files} ${templates}/${page}.in
      COMMENT "Writing ${page} (${language})" VERBATIM)
    list(APPEND generated_pages ${directory}/${page})
  endforeach()
endforeach()
add_custom_target(maildiag_manual ALL DEPENDS ${generated_pages})
