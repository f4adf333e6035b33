#include "runtime_flags/option_parser.h"

#include "runtime_flags/option_lexer.h"

namespace dbgalloc::runtime_flags {
namespace {

MistakeKind KindOf(LexResult result) {
  switch (result) {
    case LexResult::kNoEquals:
      return MistakeKind::kNoEquals;
    case LexResult::kNoName:
      return MistakeKind::kNoName;
    case LexResult::kOpenQuote:
      return MistakeKind::kOpenQuote;
    case LexResult::kTextAfterQuote:
      return MistakeKind::kTextAfterQuote;
    default:
      return MistakeKind::kControlByte;
  }
}

OptionSetting Describe(const OptionPair& pair, const OptionPlace& place) {
  OptionSetting setting;
  setting.place = place;
  setting.place.line = pair.line;
  setting.text = pair.text;
  setting.name = pair.name;
  setting.value = pair.value;
  setting.offset = pair.offset;
  setting.flag = FindFlag(pair.name);
  return setting;
}

size_t Refuse(MistakeKind kind, const OptionSetting& setting,
              const OptionListener& listener) {
  if (listener.on_mistake != nullptr) {
    OptionMistake mistake;
    mistake.kind = kind;
    mistake.setting = setting;
    listener.on_mistake(listener.context, mistake);
  }
  return 1;
}

bool NamesFile(std::string_view name) {
  return name == "include" || name == "include_if_exists";
}

// Returns how many mistakes the setting brought.
size_t Apply(const OptionSetting& setting, const OptionListener& listener,
             Options* options) {
  const FlagInfo* flag = setting.flag;
  if (flag == nullptr) {
    return Refuse(MistakeKind::kUnknownName, setting, listener);
  }
  if (!flag->set(*flag, setting.value, setting.place.source, options)) {
    return Refuse(MistakeKind::kBadValue, setting, listener);
  }
  if (listener.on_set != nullptr) {
    listener.on_set(listener.context, *flag, setting.place);
  }
  if (listener.on_include != nullptr && NamesFile(setting.name)) {
    return listener.on_include(listener.context, setting, options);
  }
  return 0;
}

}  // namespace

size_t ApplyOptions(std::string_view text, const OptionPlace& place,
                    const OptionListener& listener, Options* options) {
  OptionLexer lexer(text, place.source == OptionSource::kFile);
  OptionPair pair;
  size_t mistakes = 0;
  for (LexResult result = lexer.Next(&pair); result != LexResult::kEnd;
       result = lexer.Next(&pair)) {
    const OptionSetting setting = Describe(pair, place);
    mistakes += result == LexResult::kPair
                    ? Apply(setting, listener, options)
                    : Refuse(KindOf(result), setting, listener);
  }
  return mistakes;
}

bool ParseOptions(std::string_view text, const OptionPlace& place,
                  const OptionListener& listener, Options* options) {
  Options parsed = *options;
  if (ApplyOptions(text, place, listener, &parsed) != 0) return false;
  *options = parsed;
  return true;
}

}  // namespace dbgalloc::runtime_flags
