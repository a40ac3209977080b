#include "schema.hpp"

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace plexiform::testing {
namespace {

using nlohmann::json;

/// As web/schemas.mjs: one schema with the definitions of all files that a file refers to.
class Composer {
 public:
  json whole(const std::string& file) {
    json root = parts(file);
    root["definitions"] = definitions_;
    return root;
  }

 private:
  json parts(const std::string& file) {
    std::ifstream stream(PLEXIFORM_SOURCE_DIR "/schemas/" + file);
    json schema = json::parse(stream);
    titles_[file] = schema.at("title");
    const json own = schema.value("definitions", json::object());
    schema.erase("definitions");
    for (const auto& [name, definition] : own.items()) add(name, local(definition));
    return local(schema);
  }

  void add(const std::string& name, const json& definition) {
    if (definitions_.contains(name)) throw std::runtime_error("two definitions are called " + name);
    definitions_[name] = definition;
  }

  std::string title_of(const std::string& file) {
    if (!titles_.contains(file)) {
      const json schema = parts(file);
      add(titles_.at(file), schema);
    }
    return titles_.at(file);
  }

  json local(const json& node) {
    json copy = node;
    if (node.is_array())
      for (std::size_t i = 0; i < node.size(); ++i) copy[i] = local(node[i]);
    if (!node.is_object()) return copy;
    if (!node.contains("$ref")) {
      for (const auto& [key, value] : node.items()) copy[key] = local(value);
      return copy;
    }
    const std::string reference = node.at("$ref");
    const auto hash = reference.find('#');
    const std::string file = reference.substr(0, hash);
    std::string place = hash == std::string::npos ? std::string() : reference.substr(hash);
    const std::string title = file.empty() ? std::string() : title_of(file);
    if (place.empty()) place = "#/definitions/" + title;
    return {{"$ref", place}};
  }

  std::map<std::string, std::string> titles_;
  json definitions_ = json::object();
};

}  // namespace

std::vector<std::string> schema_errors(const std::string& text, const std::string& file) {
  using Adapter = valijson::adapters::NlohmannJsonAdapter;
  const json document = Composer().whole(file);
  valijson::Schema schema;
  valijson::SchemaParser().populateSchema(Adapter(document), schema);
  const auto data = json::parse(text);
  valijson::ValidationResults results;
  valijson::Validator().validate(schema, Adapter(data), &results);
  std::vector<std::string> errors;
  for (valijson::ValidationResults::Error error; results.popError(error);) {
    std::string where;
    for (const auto& part : error.context) where += part;
    errors.push_back(where + ": " + error.description);
  }
  return errors;
}

}  // namespace plexiform::testing
