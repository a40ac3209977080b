#pragma once
#include "caller.hpp"
#include "options.hpp"

/// The verbs that need torch, as the module plexiform_torch_verbs offers them. Each returns the exit code or throws.
struct TorchVerbs {
  int (*fit)(const FitOptions&, const Caller&);
  int (*score)(const RunOptions&, const Caller&);
  int (*predict)(const RunOptions&, const Caller&);
  int (*reveal)(const RunOptions&, const Caller&);
  int (*compare)(const CompareOptions&, const Caller&);
  int (*study)(const StudyOptions&, const Caller&);
  int (*transfer)(const TransferOptions&, const Caller&);
  int (*demo)(const DemoOptions&, const Caller&);
  int (*doctor)(const DoctorOptions&, const Caller&);
};

/// Opens the module (0.3 s: it loads torch). Throws plexiform::Error{missing} if it is not beside the program.
const TorchVerbs& torch_verbs();
