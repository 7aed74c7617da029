#include "report/event_file.hpp"

#include <bit>
#include <boost/crc.hpp>

namespace fergraph {
namespace {

// Wire format of protocol buffers: a key (field number and wire type), then the value.
constexpr std::uint32_t varint_type = 0, fixed64_type = 1, bytes_type = 2, fixed32_type = 5;

template <class Number>
void put_fixed(std::string& out, Number number) {
  for (std::size_t i = 0; i < sizeof number; ++i) out += static_cast<char>(number >> (8 * i) & 0xFF);
}

void put_varint(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
  out += static_cast<char>(number);
}

void put_key(std::string& out, std::uint32_t field, std::uint32_t type) { put_varint(out, field << 3 | type); }

void put_bytes(std::string& out, std::uint32_t field, std::string_view bytes) {
  put_key(out, field, bytes_type);
  put_varint(out, bytes.size());
  out += bytes;
}

// tensorflow.Event: 1 wall_time (double), 2 step (int64), 3 file_version (string), 5 summary, 7 session_log.
std::string event_at(double wall_time, std::int64_t step) {
  std::string event;
  put_key(event, 1, fixed64_type);
  put_fixed(event, std::bit_cast<std::uint64_t>(wall_time));
  if (step != 0) {
    put_key(event, 2, varint_type);
    put_varint(event, static_cast<std::uint64_t>(step));
  }
  return event;
}

std::filesystem::path free_name(const std::filesystem::path& directory, double wall_time) {
  const std::string name = "events.out.tfevents." + std::to_string(static_cast<std::int64_t>(wall_time)) + ".fergraph";
  std::filesystem::path path = directory / name;
  for (int i = 2; std::filesystem::exists(path); ++i) path = directory / (name + "." + std::to_string(i));
  return path;
}

}  // namespace

std::uint32_t masked_crc32c(std::string_view bytes) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return std::rotr(static_cast<std::uint32_t>(crc.checksum()), 15) + 0xA282EAD8U;
}

EventFile::EventFile(const std::filesystem::path& directory, double wall_time)
    : path_(free_name(directory, wall_time)), file_(path_, std::ios::binary) {
  std::string event = event_at(wall_time, 0);
  put_bytes(event, 3, "brain.Event:2");
  write(event);
}

void EventFile::restart_at(std::int64_t step, double wall_time) {
  std::string event = event_at(wall_time, step);
  std::string session;  // tensorflow.SessionLog: 1 status, of which 1 is START
  put_key(session, 1, varint_type);
  put_varint(session, 1);
  put_bytes(event, 7, session);
  write(event);
}

void EventFile::add(std::int64_t step, double wall_time, std::span<const Scalar> scalars) {
  std::string summary;
  for (const Scalar& scalar : scalars) {
    std::string value;  // tensorflow.Summary.Value: 1 tag, 2 simple_value (float)
    put_bytes(value, 1, scalar.tag);
    put_key(value, 2, fixed32_type);
    put_fixed(value, std::bit_cast<std::uint32_t>(scalar.value));
    put_bytes(summary, 1, value);
  }
  std::string event = event_at(wall_time, step);
  put_bytes(event, 5, summary);
  write(event);
}

// TFRecord: length (uint64), its CRC, the bytes, their CRC; all little-endian.
void EventFile::write(std::string_view event) {
  std::string record;
  put_fixed(record, static_cast<std::uint64_t>(event.size()));
  put_fixed(record, masked_crc32c(record));
  record += event;
  put_fixed(record, masked_crc32c(event));
  file_.write(record.data(), static_cast<std::streamsize>(record.size()));
}

}  // namespace fergraph
