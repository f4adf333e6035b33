# g++ on a header-heavy file, through to an object file.
cat > heavy.cc <<'SOURCE'
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <regex>
#include <string>
#include <thread>
#include <unordered_map>
#include <variant>

int Count(const std::string& text) {
  std::regex pattern("a+(b|c)*");
  std::map<std::string, std::variant<int, std::string>> found;
  for (auto it = std::sregex_iterator(text.begin(), text.end(), pattern);
       it != std::sregex_iterator(); ++it) {
    found[it->str()] = static_cast<int>(it->length());
  }
  return static_cast<int>(found.size());
}

int main(int argc, char** argv) {
  std::cout << Count(argc > 1 ? argv[1] : "aabcab") << "\n";
}
SOURCE
g++ -std=c++17 -O1 -g -c heavy.cc -o heavy.o
sha256sum heavy.o
g++ heavy.o -o heavy -lpthread
./heavy aabcabxxac
