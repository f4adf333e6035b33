#include "alloc/report/format_address.h"

#include <string>
#include <string_view>

#include "alloc/report/report_samples.h"
#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

void AppendTo(void* text, std::string_view piece) {
  static_cast<std::string*>(text)->append(piece);
}

std::string Render(const AddressFinding& finding) {
  std::string text;
  char buffer[1 << 12];
  base::TextWriter out(buffer, sizeof(buffer), &AppendTo, &text);
  TextScratch scratch;
  FormatTextAddress(finding, SampleSurroundings(), scratch, out);
  return text;
}

BlockDescription FreedBlock() {
  for (const ReportSample& sample : AllSamples()) {
    if (sample.name == "double_free") return sample.record.block;
  }
  ADD_FAILURE() << "no sample of a freed block";
  return {};
}

TEST(FormatAddress, TellsTheLifeOfTheBlock) {
  AddressFinding finding;
  finding.block = FreedBlock();
  finding.address = finding.block.begin + 4;
  finding.in_heap = true;
  const std::string text = Render(finding);
  EXPECT_EQ(text.find("==4242==dbgalloc: 0x7f3a10004004 is offset 4 in a "
                      "16-byte block at 0x7f3a10004000, freed\n"
                      "freed, by thread T0 \"main\"\n"
                      "    #0 0x401180 in Release(Node*) src/list.cc:7:3\n"),
            0u)
      << text;
  EXPECT_NE(text.find("\nallocated, by thread T0 \"main\"\n    #0 0x401136 in "
                      "MakeNode(int) src/list.cc:3:33\n"),
            std::string::npos)
      << text;
  EXPECT_NE(
      text.find("\nblock: [0x7f3a10004000, 0x7f3a10004010), 16 bytes, "
                "alignment 16, from malloc, freed; allocated (about 400 ms "
                "ago), freed (about 120 ms ago)\n"),
      std::string::npos)
      << text;
}

TEST(FormatAddress, SaysOfALiveBlockThatItLives) {
  AddressFinding finding;
  finding.block = FreedBlock();
  finding.block.live = true;
  finding.block.freed = {};
  finding.address = finding.block.begin + 20;
  finding.in_heap = true;
  const std::string text = Render(finding);
  EXPECT_EQ(text.find("==4242==dbgalloc: 0x7f3a10004014 is 4 bytes behind the "
                      "end (offset 20) of a 16-byte block at 0x7f3a10004000, "
                      "live\nallocated, by thread"),
            0u)
      << text;
}

TEST(FormatAddress, SaysWhatElseAnAddressIs) {
  AddressFinding finding;
  finding.address = 0x7ffc12345678;
  EXPECT_EQ(Render(finding),
            "==4242==dbgalloc: 0x7ffc12345678 is on the stack of this thread; "
            "not in the heap\n");
  finding.address = 0x1000;
  EXPECT_EQ(Render(finding), "==4242==dbgalloc: 0x1000 is not in the heap\n");
  finding.in_heap = true;
  EXPECT_EQ(Render(finding),
            "==4242==dbgalloc: 0x1000 is in the heap, but in no block of which "
            "a record is left\n");
}

}  // namespace
}  // namespace dbgalloc::report
