// Which part of a preprocessing pipeline's work falls to this process.
#pragma once

#include <optional>
#include <string>

#include "graph/node_type.hpp"

namespace fergraph {

/// "1/4" is the second of four processes. Nothing where the text is of another form, or not 0 <= index < count.
std::optional<ProcessShare> parse_share(const std::string& text);

/// A share, and who gave it: "--shard", or the variables of a launcher.
struct GivenShare {
  ProcessShare share;
  std::string giver;
};

/// The share that `option` gives where it is not empty (it must parse), else the one that a launcher tells its
/// processes: srun (SLURM_PROCID, SLURM_NTASKS), mpirun (OMPI_COMM_WORLD_RANK, OMPI_COMM_WORLD_SIZE) or torchrun (RANK,
/// WORLD_SIZE); everything where there is none. Throws std::runtime_error where a launcher's variables make no sense:
/// to go on would make faces twice or never. `remedy`: what may be done then.
GivenShare share_of_process(const std::string& option,
                            const std::string& remedy = "Unset them, or say --shard INDEX/COUNT.");

}  // namespace fergraph
