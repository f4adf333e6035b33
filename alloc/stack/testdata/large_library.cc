// One of several copies of the same much: together a library whose debug
// information is as large as that of a real program.
#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

namespace DBGALLOC_TEST_COPY {

template <int kNumber>
struct Item {
  std::string name;
  std::vector<std::shared_ptr<Item>> children;
};

template <int kNumber>
std::string Use(const std::string& text) {
  std::map<std::string, Item<kNumber>> by_name;
  std::unordered_map<std::string, std::deque<Item<kNumber>>> queues;
  std::set<std::pair<int, std::string>> order;
  by_name[text].name = text + std::to_string(kNumber);
  queues[text].push_back(by_name[text]);
  order.insert({kNumber, text});
  std::vector<std::function<bool(const Item<kNumber>&)>> tests;
  tests.push_back([&](const Item<kNumber>& item) {
    return std::regex_search(item.name, std::regex(text));
  });
  std::ostringstream out;
  for (auto& [name, items] : queues) {
    std::stable_sort(items.begin(), items.end(),
                     [](const Item<kNumber>& a, const Item<kNumber>& b) {
                       return a.name < b.name;
                     });
    out << name << items.size() << tests[0](items[0]);
  }
  return out.str() + Use<kNumber - 1>(text);
}

template <>
std::string Use<0>(const std::string& text) {
  return text;
}

[[gnu::visibility("default")]] std::string UseAll(const std::string& text) {
  return Use<8>(text);
}

}  // namespace DBGALLOC_TEST_COPY
