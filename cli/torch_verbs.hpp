#pragma once
#include "context.hpp"
#include "options.hpp"

/// The verbs that need torch, as the module plexiform_torch_verbs offers them. Each returns the exit code or throws.
struct TorchVerbs {
  int (*fit)(const FitOptions&, const Context&);
  int (*score)(const RunOptions&, const Context&);
  int (*predict)(const RunOptions&, const Context&);
  int (*reveal)(const RunOptions&, const Context&);
  int (*compare)(const CompareOptions&, const Context&);
  int (*study)(const StudyOptions&, const Context&);
  int (*transfer)(const TransferOptions&, const Context&);
  int (*demo)(const DemoOptions&, const Context&);
  int (*doctor)(const DoctorOptions&, const Context&);
};

/// Opens the module (0.3 s: it loads torch). Throws plexiform::Error{file} where it is not beside the program.
const TorchVerbs& torch_verbs();
