// TensorBoard's event files.
#include "report/event_file.hpp"

#include "tests/cli/child.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(event_file)

namespace {

std::string hex(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(byte) >> 4];
    text += "0123456789abcdef"[byte & 0xF];
  }
  return text;
}

}  // namespace

// The CRC of the digits is E3069283 by RFC 3720; rotated by 15 bits, plus A282EAD8.
BOOST_AUTO_TEST_CASE(the_checksum_is_crc_32c) { BOOST_TEST(masked_crc32c("123456789") == 0xC78AB0E5U); }

// The bytes that Google's protobuf for Python and crcmod make of the same events.
BOOST_AUTO_TEST_CASE(events_are_the_bytes_that_other_writers_make) {
  const Scratch scratch;
  EventFile file(scratch.folder, 1700000000.25);
  const Scalar scalars[] = {{"loss/total", 0.5F}, {"test/accuracy", -1.25F}};
  file.add(300, 1700000001.5, scalars);
  BOOST_TEST(file.flush());
  BOOST_TEST(file.path().filename() == "events.out.tfevents.1700000000.fergraph");
  BOOST_TEST(hex(text_of(file.path())) ==
             "1800000000000000a37f4b220900001040fc54d9411a0d627261696e2e4576656e743a32338d2fe9"
             "3700000000000000e7e8ca590900006040fc54d94110ac022a290a110a0a6c6f73732f746f74616c"
             "150000003f0a140a0d746573742f6163637572616379150000a0bf68cb3f76");
}

BOOST_AUTO_TEST_SUITE_END()
