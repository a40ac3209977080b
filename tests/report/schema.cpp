#include "schema.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace plexiform::testing {

std::vector<std::string> schema_errors(const std::string& page) {
  using Adapter = valijson::adapters::NlohmannJsonAdapter;
  std::ifstream file(PLEXIFORM_SOURCE_DIR "/web/page.schema.json");
  const auto document = nlohmann::json::parse(file);
  valijson::Schema schema;
  valijson::SchemaParser().populateSchema(Adapter(document), schema);
  const auto data = nlohmann::json::parse(page);
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
