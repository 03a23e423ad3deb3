#include "content_stream.h"

#include <utility>

namespace every::gateway {

void ContentStream::next(Got got) {
  const auto shared = std::make_shared<Got>(std::move(got));
  const auto posted = pool_.post([self = shared_from_this(), shared] { (*shared)(self->read()); });
  if (posted == core::ThreadPool::Posted::kYes) return;
  cut_off_ = true;
  (*shared)(std::nullopt);
}

std::optional<std::string> ContentStream::read() {
  auto piece = read_();
  if (piece) return std::move(*piece);
  cut_off_ = true;
  logger_.warn("gateway.content.err", "gateway",
               "the answer with " + what_ + " was cut off: " + piece.error().message);
  return std::nullopt;
}

}  // namespace every::gateway
