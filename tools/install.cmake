# What `cmake --install` puts where. Components: runtime (program, library, manual, completions) and development.
include(CMakePackageConfigHelpers)

set(MAILDIAG_BASH_COMPLETIONS ${CMAKE_INSTALL_DATADIR}/bash-completion/completions CACHE STRING "")
set(MAILDIAG_ZSH_COMPLETIONS ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions CACHE STRING "")
set(MAILDIAG_FISH_COMPLETIONS ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d CACHE STRING "")
set(config_directory ${CMAKE_INSTALL_LIBDIR}/cmake/maildiag)

install(TARGETS maildiag EXPORT maildiagTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT development)
if(TARGET maildiag_program)
  # Finds the library beside it wherever both were installed.
  file(RELATIVE_PATH up "/${CMAKE_INSTALL_BINDIR}" "/${CMAKE_INSTALL_LIBDIR}")
  set_target_properties(maildiag_program PROPERTIES INSTALL_RPATH "$ORIGIN/${up}")
  install(TARGETS maildiag_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime)
endif()

foreach(section 1 5 7)
  install(DIRECTORY man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT runtime
          FILES_MATCHING PATTERN "*.${section}" PATTERN ko EXCLUDE)
  install(DIRECTORY man/ko/ DESTINATION ${CMAKE_INSTALL_MANDIR}/ko/man${section} COMPONENT runtime
          FILES_MATCHING PATTERN "*.${section}")
endforeach()
install(FILES man/maildiag.3 DESTINATION ${CMAKE_INSTALL_MANDIR}/man3 COMPONENT development)
install(FILES man/ko/maildiag.3 DESTINATION ${CMAKE_INSTALL_MANDIR}/ko/man3 COMPONENT development)
# Written by the build out of rules/.
install(DIRECTORY ${PROJECT_BINARY_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man7 COMPONENT runtime
        FILES_MATCHING PATTERN "*.7" PATTERN ko EXCLUDE)
install(DIRECTORY ${PROJECT_BINARY_DIR}/man/ko/ DESTINATION ${CMAKE_INSTALL_MANDIR}/ko/man7 COMPONENT runtime
        FILES_MATCHING PATTERN "*.7")
install(FILES tools/completions/maildiag.bash RENAME maildiag
        DESTINATION ${MAILDIAG_BASH_COMPLETIONS} COMPONENT runtime)
install(FILES tools/completions/_maildiag DESTINATION ${MAILDIAG_ZSH_COMPLETIONS} COMPONENT runtime)
install(FILES tools/completions/maildiag.fish DESTINATION ${MAILDIAG_FISH_COMPLETIONS} COMPONENT runtime)

# For `maildiag watch`.
set(MAILDIAG_SYSTEMD_UNITS lib/systemd/system CACHE STRING "Where systemd's units go")
install(FILES tools/systemd/maildiag-watch.service tools/systemd/maildiag-watch.timer
        DESTINATION ${MAILDIAG_SYSTEMD_UNITS} COMPONENT runtime)
install(DIRECTORY tools/examples DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
# systemd and cron look for the program in /usr/local/bin and /usr/bin; where it lies elsewhere they are told so.
install(CODE "
  if(NOT CMAKE_INSTALL_PREFIX MATCHES [[^/usr(/local)?/?$]])
    set(program_directory \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
    foreach(file \"${MAILDIAG_SYSTEMD_UNITS}/maildiag-watch.service\" \"${CMAKE_INSTALL_DOCDIR}/examples/cron.d-maildiag\")
      get_filename_component(file \"\${file}\" ABSOLUTE BASE_DIR \"\${CMAKE_INSTALL_PREFIX}\")
      file(READ \"\$ENV{DESTDIR}\${file}\" text)
      string(REPLACE \"ExecStart=maildiag\" \"ExecStart=\${program_directory}/maildiag\" text \"\${text}\")
      string(REPLACE \"PATH=/usr/local/bin\" \"PATH=\${program_directory}:/usr/local/bin\" text \"\${text}\")
      file(WRITE \"\$ENV{DESTDIR}\${file}\" \"\${text}\")
    endforeach()
  endif()" COMPONENT runtime)

install(DIRECTORY lib/include/maildiag DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
install(EXPORT maildiagTargets NAMESPACE maildiag:: DESTINATION ${config_directory} COMPONENT development)
file(WRITE ${PROJECT_BINARY_DIR}/maildiagConfig.cmake
     "include(\${CMAKE_CURRENT_LIST_DIR}/maildiagTargets.cmake)\n")
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/maildiagConfigVersion.cmake COMPATIBILITY SameMinorVersion)
# Both are found wherever `cmake --install --prefix` puts them.
file(RELATIVE_PATH pc_up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/maildiag.pc @ONLY CONTENT
"prefix=\${pcfiledir}/@pc_up@
Name: maildiag
Description: @PROJECT_DESCRIPTION@
Version: @PROJECT_VERSION@
Cflags: -I\${prefix}/@CMAKE_INSTALL_INCLUDEDIR@
Libs: -L\${prefix}/@CMAKE_INSTALL_LIBDIR@ -lmaildiag
")
install(FILES ${PROJECT_BINARY_DIR}/maildiagConfig.cmake ${PROJECT_BINARY_DIR}/maildiagConfigVersion.cmake
        DESTINATION ${config_directory} COMPONENT development)
install(FILES ${PROJECT_BINARY_DIR}/maildiag.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
