// Pages in a real browser: Debian's chromium, without a window.
#pragma once

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/scratch_folder.hpp"

namespace fergraph::test {

/// The program, or empty where there is none.
inline std::filesystem::path browser() {
  for (const char* name : {"chromium", "chromium-browser", "google-chrome"})
    for (const char* folder : {"/usr/bin", "/usr/local/bin"})
      if (const std::filesystem::path path = std::filesystem::path(folder) / name; std::filesystem::exists(path))
        return path;
  return {};
}

struct LoadedPage {
  std::string document;  // as HTML, after the page's scripts
  std::string console;   // what the page told the browser's console, and errors of loading
};

/// Loads a file. Nothing of the browser's own reaches for a network.
inline LoadedPage load_page(const std::filesystem::path& file, const Scratch& scratch) {
  const std::filesystem::path profile = scratch / "browser", document = scratch / "document.html",
                              log = scratch / "browser.log";
  const std::string command =
      "timeout 100 " + browser().string() +
      " --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
      " --disable-component-update --disable-sync --disable-dev-shm-usage --window-size=1800,1000"
      " --enable-logging=stderr --user-data-dir='" +
      profile.string() + "' --dump-dom 'file://" + file.string() + "' >'" + document.string() + "' 2>'" + log.string() +
      "'";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("The browser failed: " + text_of(log));
  LoadedPage page{text_of(document), {}};
  std::ifstream lines(log);
  for (std::string line; std::getline(lines, line);)
    if (line.find("CONSOLE") != std::string::npos) page.console += line + "\n";
  return page;
}

}  // namespace fergraph::test
