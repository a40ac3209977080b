// Links the torch rooms and starts: they, the core and the torch wheel are found. (No torch header: those take long.)
#include <cstdio>

int main() {
  std::puts("torch rooms loaded");
}
