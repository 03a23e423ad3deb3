#include "content_form.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "every/core/text.h"

namespace every::gateway {
namespace {

using core::ErrorCode;

struct FormRow {
  ContentForm form;
  std::string_view name;
  std::string_view type;
};
constexpr std::array kForms{
    FormRow{ContentForm::kRaw, "raw", "application/vnd.ipld.raw"},
    FormRow{ContentForm::kCar, "car", "application/vnd.ipld.car"},
    FormRow{ContentForm::kDagJson, "dag-json", "application/vnd.ipld.dag-json"},
    FormRow{ContentForm::kDagCbor, "dag-cbor", "application/vnd.ipld.dag-cbor"},
    FormRow{ContentForm::kJson, "json", "application/json"},
    FormRow{ContentForm::kCbor, "cbor", "application/cbor"},
};

constexpr std::string_view kKnown =
    "raw, car, dag-json, dag-cbor, json and cbor; without a format a file's bytes";

std::unexpected<RefusedWish> refuse(int status, std::string message) {
  return std::unexpected(
      RefusedWish{status, core::Error{ErrorCode::kInvalidArgument, std::move(message), {}}});
}

/// What stands before the first separator; the text is moved past it.
std::string_view take_until(std::string_view& text, char separator) {
  const std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return core::trim_blanks(part);
}

struct MediaType {
  std::string_view type;
  double quality = 1;
  std::vector<std::pair<std::string_view, std::string_view>> params;
};

std::vector<MediaType> read_accept(const Request& request) {
  std::vector<MediaType> types;
  for (const Header& header : request.headers) {
    if (!equals_ignoring_case(header.name, "accept")) continue;
    std::string_view text = header.value;
    while (!text.empty()) {
      std::string_view one = take_until(text, ',');
      MediaType media{take_until(one, ';'), 1, {}};
      while (!one.empty()) {
        std::string_view value = take_until(one, ';');
        const std::string_view name = take_until(value, '=');
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
          value = value.substr(1, value.size() - 2);
        if (name == "q") {
          std::from_chars(value.data(), value.data() + value.size(), media.quality);
        } else {
          media.params.emplace_back(name, value);
        }
      }
      if (!media.type.empty() && media.quality > 0) types.push_back(std::move(media));
    }
  }
  std::ranges::stable_sort(types, std::ranges::greater(), &MediaType::quality);
  return types;
}

/// Takes `order`, `dups` and `version` of a CAR, from the media type or from the query.
std::expected<void, RefusedWish> check_car_param(std::string_view name, std::string_view value) {
  if (name == "version" && value != "1")
    return refuse(400,
                  "CAR version " + std::string(value) + " is not made here; ask for version=1");
  if (name == "order" && value != "dfs" && value != "unk")
    return refuse(400, "the order of a CAR is dfs or unk, not " + std::string(value));
  if (name == "dups" && value != "n" && value != "y")
    return refuse(400, "dups is y or n, not " + std::string(value));
  return {};
}

std::optional<std::int64_t> read_number(std::string_view text) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::expected<void, RefusedWish> read_car_query(const Target& target, ContentWish& wish) {
  for (const auto& [query, param] :
       {std::pair{"car-version", "version"}, {"car-order", "order"}, {"car-dups", "dups"}}) {
    const std::string* value = target.find_query(query);
    if (value == nullptr) continue;
    if (auto checked = check_car_param(param, *value); !checked) return checked;
  }
  if (const std::string* scope = target.find_query("dag-scope")) {
    if (*scope == "block") {
      wish.scope = DagScope::kBlock;
    } else if (*scope == "entity") {
      wish.scope = DagScope::kEntity;
    } else if (*scope != "all") {
      return refuse(400, "dag-scope is block, entity or all, not " + *scope);
    }
  }
  if (const std::string* bytes = target.find_query("entity-bytes")) {
    const std::string_view text = *bytes;
    const std::size_t colon = text.find(':');
    const auto from = read_number(text.substr(0, colon));
    const std::string_view end =
        colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    const auto to = read_number(end);
    const bool backwards = from && to && (*from < 0) == (*to < 0) && *to < *from;
    if (!from || (!to && end != "*") || backwards)
      return refuse(400, "entity-bytes is from:to, such as 0:1023 or 1024:*, not " + *bytes);
    wish.entity_bytes = EntityBytes{*from, to};
    // A range is one of an entity, whatever else is said.
    if (wish.scope == DagScope::kAll) wish.scope = DagScope::kEntity;
  }
  return {};
}

}  // namespace

std::string_view media_type(ContentForm form) {
  for (const FormRow& row : kForms) {
    if (row.form == form) return row.type;
  }
  return {};
}

std::string_view form_name(ContentForm form) {
  for (const FormRow& row : kForms) {
    if (row.form == form) return row.name;
  }
  return {};
}

std::expected<ContentWish, RefusedWish> read_wish(const Request& request, const Target& target) {
  ContentWish wish;
  const std::vector<MediaType> types = read_accept(request);
  const std::string* format = target.find_query("format");
  if (format != nullptr) {
    const auto row = std::ranges::find(kForms, std::string_view(*format), &FormRow::name);
    if (row == kForms.end()) {
      const bool elsewhere = *format == "tar" || *format == "ipns-record";
      return refuse(elsewhere ? 406 : 400, "content is not given as " + *format +
                                               " here; formats are " + std::string(kKnown));
    }
    wish.form = row->form;
  }
  bool unknown_only = !types.empty();
  for (const MediaType& media : types) {
    const auto row = std::ranges::find_if(
        kForms, [&](const FormRow& known) { return equals_ignoring_case(known.type, media.type); });
    const bool first = format == nullptr && wish.form == ContentForm::kPlain && !wish.html;
    if (row != kForms.end()) {
      unknown_only = false;
      if (first) wish.form = row->form;
      if (row->form != ContentForm::kCar || wish.form != ContentForm::kCar) continue;
      for (const auto& [name, value] : media.params) {
        if (auto checked = check_car_param(name, value); !checked)
          return std::unexpected(std::move(checked).error());
      }
      continue;
    }
    // Another type of IPLD or IPFS is a wish that is not met by giving something else.
    if (!media.type.starts_with("application/vnd.ip")) unknown_only = false;
    if (equals_ignoring_case(media.type, "text/html") && first) wish.html = true;
  }
  if (unknown_only && format == nullptr)
    return refuse(406, "content is not given as " + std::string(types.front().type) +
                           " here; formats are " + std::string(kKnown));
  if (wish.form == ContentForm::kCar) {
    if (auto read = read_car_query(target, wish); !read)
      return std::unexpected(std::move(read).error());
  }
  return wish;
}

AskedRange read_range(const Request& request, std::uint64_t size, std::string_view etag) {
  const std::string* header = request.find_header("range");
  if (header == nullptr) return {};
  if (const std::string* condition = request.find_header("if-range");
      condition && *condition != etag)
    return {};
  std::string_view text = *header;
  constexpr std::string_view kUnit = "bytes=";
  if (text.size() < kUnit.size() || !equals_ignoring_case(text.substr(0, kUnit.size()), kUnit))
    return {};
  text = core::trim_blanks(text.substr(kUnit.size()));
  const std::size_t dash = text.find('-');
  if (text.find(',') != std::string_view::npos || dash == std::string_view::npos) return {};
  const auto read = [](std::string_view digits) -> std::optional<std::uint64_t> {
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (parsed.ec == std::errc::result_out_of_range) return UINT64_MAX;
    if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size())
      return std::nullopt;
    return number;
  };
  const std::string_view from = core::trim_blanks(text.substr(0, dash));
  const std::string_view to = core::trim_blanks(text.substr(dash + 1));
  const auto first = read(from);
  const auto last = read(to);
  if (from.empty()) {
    if (!last) return {};
    if (*last == 0 || size == 0) return {RangeKind::kUnsatisfiable, {}};
    return {RangeKind::kSatisfiable, {size - std::min(*last, size), size - 1}};
  }
  if (!first || (!to.empty() && (!last || *last < *first))) return {};
  if (*first >= size) return {RangeKind::kUnsatisfiable, {}};
  return {RangeKind::kSatisfiable, {*first, std::min(last.value_or(UINT64_MAX), size - 1)}};
}

bool is_not_modified(const Request& request, std::string_view etag) {
  const std::string* header = request.find_header("if-none-match");
  if (header == nullptr) return false;
  std::string_view text = *header;
  const auto strong = [](std::string_view tag) {
    return tag.starts_with("W/") ? tag.substr(2) : tag;
  };
  while (!text.empty()) {
    const std::string_view tag = take_until(text, ',');
    if (tag == "*" || strong(tag) == strong(etag)) return true;
  }
  return false;
}

}  // namespace every::gateway
