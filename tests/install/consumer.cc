// Uses the installed library as a stranger would: by its public headers alone.
#include <cstdio>
#include <variant>

#include <maildiag/render.h>
#include <maildiag/session.h>

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  maildiag::SessionOptions options;
  options.zone_files = {argv[1]};
  auto opened = maildiag::Session::open(options);
  auto* session = std::get_if<maildiag::Session>(&opened);
  if (session == nullptr) return 78;
  session->ptrcheck(
      {"203.0.113.25"}, {},
      [](const maildiag::Report& report) {
        std::puts(maildiag::render_json(report).c_str());
        return true;
      },
      [](const maildiag::Error& error) { std::puts(error.message.c_str()); });
  return 0;
}
