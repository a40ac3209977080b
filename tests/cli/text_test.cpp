#include "text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace {

TEST(Printable, ControlCharactersAndWhatIsNoUtf8AreMarked) {
  EXPECT_EQ(printable("off 12, \u00b5 \u2192 \u65e5"), "off 12, \u00b5 \u2192 \u65e5");
  EXPECT_EQ(printable("a\x1b[31mred\n\x7f"), "a?[31mred??");
  EXPECT_EQ(printable("\xc2\x9b"
                      "2J"),
            "?2J");                                   // a control sequence of one character
  EXPECT_EQ(printable("\u202egnp.exe"), "?gnp.exe");  // turns the direction of writing
  EXPECT_EQ(printable("a\xb5"
                      "b\xe2\x82"),
            "a?b??");                                     // Latin-1; an end that is cut off
  EXPECT_EQ(printable("\xc0\xaf\xed\xa0\x80"), "?????");  // too long a form; half a pair
}

RC_GTEST_PROP(Printable, HoldsNoControlCharacterAndIsItsOwn, (const std::string& text)) {
  const std::string shown = printable(text);
  for (const char c : shown) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  RC_ASSERT(printable(shown) == shown);
}

TEST(Cut, NeverWithinACharacterAndNeverTooWide) {
  EXPECT_EQ(cut("\u00b5\u00b5\u00b5", 2), "\u00b5\u00b5");
  EXPECT_EQ(cut("\u65e5\u65e5", 3), "\u65e5");
  EXPECT_EQ(cut("ab", 5), "ab");
  EXPECT_EQ(left_aligned("\u00b5", 3), "\u00b5  ");
  EXPECT_EQ(right_aligned("abcd", 3), "abc");
}

TEST(ProgressText, HasShareRateAndTimeLeft) {
  EXPECT_EQ(progress_text("fit: 12 of 38 cells", 15.58, 38, 5.2 / 60, "cells"),
            "fit: 12 of 38 cells, 41 %, 5.2 cells/min, about 4 min left");
  EXPECT_EQ(progress_text("writing arrays", 1e6, 4e6, 1.25e6, "frames"),
            "writing arrays, 25 %, 1.2 million frames/s, about 2 s left");
  EXPECT_EQ(progress_text("fit: 0 of 3 cells", 0, 3, 0, "cells"), "fit: 0 of 3 cells, 0 %");
  EXPECT_EQ(progress_text("reading", 0, 0, 0, ""), "reading");
  EXPECT_EQ(rate_text(2.0 / 3600, "cells"), "2.0 cells/h");
  EXPECT_EQ(duration_text(4 * 3600), "4.0 h");
}

std::string shell(const std::vector<const char*>& words) {
  return shell_text(static_cast<int>(words.size()), words.data());
}

TEST(ShellText, QuotesWhatAShellWouldRead) {
  EXPECT_EQ(shell({"/usr/bin/plexiform", "fit", "rec.h5", "-o", "run", "--set", "passes=2"}),
            "plexiform fit rec.h5 -o run --set passes=2");
  EXPECT_EQ(shell({"plexiform", "a b", "", "it's", "$HOME", "*"}), "plexiform 'a b' '' 'it'\\''s' '$HOME' '*'");
}

}  // namespace
