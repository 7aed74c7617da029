// How a cache's tables and provenance lie in its HDF5 file. Internal to cache/; call under an Hdf5Lock.
#pragma once

#include "cache/face.hpp"
#include "cache/hdf5_handle.hpp"
#include "cache/tables.hpp"

namespace fergraph {

/// Bytes the tables and texts take in the file, without what HDF5 adds around them.
std::uint64_t stored_bytes(const CacheTables& tables, const Provenance& provenance);

/// Also writes the attributes that name the format and the encoding, and the checksum over tables and provenance.
void write_tables(hid_t file, const PixelFormat& format, const CacheTables& tables, const Provenance& provenance);

/// Throws Hdf5Failure when a table is missing, of another type or length, or damaged.
void read_tables(hid_t file, const PixelFormat& format, hsize_t faces, CacheTables& tables, Provenance& provenance);

/// Of a file of version 2. Throws Hdf5Failure where its attributes make no sense or name a codec of a later fergraph.
PixelFormat read_pixel_format(hid_t file);

}  // namespace fergraph
