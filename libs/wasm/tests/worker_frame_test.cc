#include <random>

#include "worker/frame.h"
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace every::wasm::worker {
namespace {

using core::ErrorCode;

struct Ends {
  Channel node;
  Channel worker;
};
Ends make_ends() {
  auto pair = Channel::make_pair();
  EXPECT_TRUE(pair);
  return {Channel(std::move(pair->first)), Channel(std::move(pair->second))};
}

core::Bytes filled(std::size_t size) {
  core::Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7);
  return bytes;
}

TEST(PacketTest, GivesBackTheFramesPutIntoIt) {
  Packet packet;
  ASSERT_EQ(append(packet, {FrameType::kStart, 7, Payload(filled(10))}), Fits::kYes);
  ASSERT_EQ(append(packet, {FrameType::kPing, 8, {}}), Fits::kYes);
  const auto frames = decode_packet(packet.bytes, {});
  ASSERT_TRUE(frames);
  ASSERT_EQ(frames->size(), 2);
  EXPECT_EQ((*frames)[0].type, FrameType::kStart);
  EXPECT_EQ((*frames)[0].id, 7);
  EXPECT_EQ(core::to_bytes((*frames)[0].payload.view()), filled(10));
  EXPECT_EQ((*frames)[1].type, FrameType::kPing);
  EXPECT_TRUE((*frames)[1].payload.view().empty());
}

TEST(PacketTest, LooksAsTheFormatDocumentSays) {
  Packet packet;
  ASSERT_EQ(append(packet, {FrameType::kCancel, 0x0102, {}}), Fits::kYes);
  EXPECT_EQ(packet.bytes, (core::Bytes{0, 0, 0, 0, 6, 2, 1, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(PacketTest, TakesNoMoreThanFits) {
  Packet packet;
  ASSERT_EQ(append(packet, {FrameType::kStart, 1, Payload(filled(kInlineLimit))}), Fits::kYes);
  EXPECT_EQ(append(packet, {FrameType::kStart, 2, Payload(filled(kInlineLimit))}), Fits::kNo);
  EXPECT_LE(packet.bytes.size(), kMaxPacket);
}

TEST(PacketTest, RefusesEveryTruncation) {
  Packet packet;
  ASSERT_EQ(append(packet, {FrameType::kStart, 7, Payload(filled(10))}), Fits::kYes);
  for (std::size_t size = 1; size < packet.bytes.size(); ++size) {
    const auto frames = decode_packet(core::BytesView(packet.bytes).first(size), {});
    ASSERT_FALSE(frames) << size;
    EXPECT_EQ(frames.error().code, ErrorCode::kMalformed);
  }
}

TEST(PacketTest, SurvivesAnyBytes) {
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    core::Bytes bytes(random() % 64);
    for (auto& byte : bytes)
      byte = static_cast<std::uint8_t>(random() % 4 == 0 ? random() : random() % 12);
    (void)decode_packet(bytes, {});
  }
}

TEST(PacketTest, RefusesAFileThatIsMissing) {
  const auto payload = Payload::make(filled(kInlineLimit + 1));
  ASSERT_TRUE(payload);
  Packet packet;
  ASSERT_EQ(append(packet, {FrameType::kDone, 1, *payload}), Fits::kYes);
  EXPECT_FALSE(decode_packet(packet.bytes, {}));
}

TEST(PayloadTest, RefusesAFileThatCanStillShrink) {
  core::UniqueFd file(memfd_create("unsealed", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  ASSERT_EQ(ftruncate(file.get(), 100), 0);
  const auto payload = Payload::map(std::move(file), kMaxPayload);
  ASSERT_FALSE(payload);
  EXPECT_EQ(payload.error().code, ErrorCode::kMalformed);
}

TEST(PayloadTest, RefusesAFileLargerThanItsLimit) {
  const auto made = Payload::in_memory_file(filled(1000));
  ASSERT_TRUE(made);
  EXPECT_FALSE(Payload::map(core::UniqueFd(dup(made->file())), 999));
}

TEST(ChannelTest, CarriesSmallAndLargePayloads) {
  auto ends = make_ends();
  Packet packet;
  ASSERT_EQ(append(packet, {FrameType::kStart, 1, Payload(filled(100))}), Fits::kYes);
  const auto large = Payload::make(filled(1 << 20));
  ASSERT_TRUE(large);
  ASSERT_EQ(append(packet, {FrameType::kStart, 2, *large}), Fits::kYes);
  ASSERT_TRUE(ends.node.send(packet, Channel::Wait::kYes));
  std::vector<Frame> frames;
  ASSERT_EQ(ends.worker.receive(frames, Channel::Wait::kYes), Channel::State::kPacket);
  ASSERT_EQ(frames.size(), 2);
  EXPECT_EQ(core::to_bytes(frames[1].payload.view()), filled(1 << 20));
}

TEST(ChannelTest, SaysWhenItIsFull) {
  auto ends = make_ends();
  Packet packet;
  ASSERT_EQ(append(packet, {FrameType::kStart, 1, Payload(filled(kInlineLimit))}), Fits::kYes);
  auto sent = ends.node.send(packet, Channel::Wait::kNo);
  for (int i = 0; i < 1000 && sent && *sent == Channel::Sent::kYes; ++i)
    sent = ends.node.send(packet, Channel::Wait::kNo);
  ASSERT_TRUE(sent);
  EXPECT_EQ(*sent, Channel::Sent::kFull);
}

TEST(ChannelTest, NoticesThatTheOtherEndIsGone) {
  auto ends = make_ends();
  ends.worker.close();
  std::vector<Frame> frames;
  EXPECT_EQ(ends.node.receive(frames, Channel::Wait::kNo), Channel::State::kClosed);
  Packet packet;
  ASSERT_EQ(append(packet, {FrameType::kPing, 1, {}}), Fits::kYes);
  const auto sent = ends.node.send(packet, Channel::Wait::kNo);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace every::wasm::worker
