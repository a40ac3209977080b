#pragma once
#include <string>
#include <vector>

#include "context.hpp"
#include "options.hpp"
#include "plexiform/fit/score_run.hpp"
#include "plexiform/reveal/subunits.hpp"

int fit_verb(const FitOptions& options, const Context& context);
int score_verb(const RunOptions& options, const Context& context);
int predict_verb(const RunOptions& options, const Context& context);
int reveal_verb(const RunOptions& options, const Context& context);
int compare_verb(const CompareOptions& options, const Context& context);
int study_verb(const StudyOptions& options, const Context& context);
int transfer_verb(const TransferOptions& options, const Context& context);
int demo_verb(const DemoOptions& options, const Context& context);
int doctor_verb(const DoctorOptions& options, const Context& context);

/// doctor --bench.
int bench_step(const DoctorOptions& options, const Context& context);
int bench_machine(const Context& context);

/// A remark on standard error, in place of the progress line where there is one.
void remark(const std::string& text);

/// Tables on standard output.
void print_scores(const plexiform::RunScore& score);
void print_subunits(const std::vector<plexiform::CellSubunits>& cells);
