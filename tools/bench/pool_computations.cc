#include "tools/bench/pool_computations.h"

#include <cstdint>

namespace bench {
namespace {

struct Term {
  Term* next;
  uint64_t power, factor;
};

Term* Multiply(const Term* left, const Term* right) {
  Term* product = nullptr;
  for (const Term* a = left; a != nullptr; a = a->next) {
    Term** at = &product;
    for (const Term* b = right; b != nullptr; b = b->next) {
      uint64_t power = a->power + b->power;
      while (*at != nullptr && (*at)->power < power) at = &(*at)->next;
      if (*at != nullptr && (*at)->power == power) {
        (*at)->factor += a->factor * b->factor;
      } else {
        *at = new Term{*at, power, a->factor * b->factor};
      }
    }
  }
  return product;
}

void DeleteAll(Term* term) {
  while (term != nullptr) {
    Term* next = term->next;
    delete term;
    term = next;
  }
}

struct Node {
  Node* left;
  Node* right;
};

Node* Build(int depth) {
  Node* node = new Node{nullptr, nullptr};
  if (depth > 0) {
    node->left = Build(depth - 1);
    node->right = Build(depth - 1);
  }
  return node;
}

size_t Destroy(Node* node) {
  if (node == nullptr) return 0;
  size_t count = 1 + Destroy(node->left) + Destroy(node->right);
  delete node;
  return count;
}

}  // namespace

size_t Polynomials() {
  size_t steps = 0;
  for (int round = 0; round < 2000; ++round) {
    Term* base = new Term{new Term{nullptr, 1, 1}, 0, 1};
    Term* power = new Term{nullptr, 0, 1};
    for (int i = 0; i < 40; ++i, ++steps) {
      Term* next = Multiply(power, base);
      DeleteAll(power);
      power = next;
    }
    DeleteAll(power);
    DeleteAll(base);
  }
  return steps;
}

size_t Trees() {
  size_t steps = 0;
  Node* long_lived = Build(18);
  for (int i = 0; i < 60; ++i) steps += Destroy(Build(14));
  return steps + Destroy(long_lived);
}

}  // namespace bench
