#pragma once
#include <CLI/CLI.hpp>
#include <string>

#include "plexiform/base/error.hpp"

/// How a user of the program sets the parameter that would mend an error of the library: "pass --rate, for example
/// --rate 30", "pass --set filter_size=9", or, if `verb` does not take it, "pass it to plexiform import: --rate 30".
/// `verb`: the verb that was called. Empty for a parameter that no verb takes.
std::string parameter_advice(const CLI::App& verb, const plexiform::ErrorParameter& parameter);
