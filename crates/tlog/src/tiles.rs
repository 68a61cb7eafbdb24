//! Tiles in a directory, as C2SP `tlog-tiles` lays them out.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use tlog_tiles::{prove_record, prove_tree, Hash, Tile, TileHashReader, TileReader, HASH_SIZE};

use crate::{
    error::Error,
    files::{create_directories, read_if_any, sync, sync_directory, write},
    tree::{TileData, HEIGHT, WIDTH},
};

/// The tiles in the directory `LOG.tlog`.
#[derive(Debug, Clone)]
pub(crate) struct Tiles {
    root: PathBuf,
}

impl Tiles {
    pub(crate) fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// Returns the path of a tile. `Tile::path` is that of Go's checksum database, which also has the height: `tile/8/0/001`.
    pub(crate) fn path(&self, tile: &Tile) -> PathBuf {
        let path = tile.path();
        let rest = path.split_once("/8/").map_or("", |(_, rest)| rest);
        self.root.join("tile").join(rest)
    }

    /// Whether there are any tiles.
    pub(crate) fn exist(&self) -> bool {
        self.root.join("tile").exists()
    }

    /// Writes tiles, durably. All are written before the first is synced, as on many file systems one sync includes the others.
    pub(crate) fn write<'a>(&self, tiles: impl Iterator<Item = &'a TileData>) -> Result<(), Error> {
        let mut directories = BTreeSet::new();
        let mut written = Vec::new();
        for TileData { tile, bytes } in tiles {
            let path = self.path(tile);
            let directory = path.parent().unwrap_or(&self.root);
            if !directories.contains(directory) {
                create_directories(directory).map_err(Error::at(directory))?;
            }
            write(&path, bytes).map_err(Error::at(&path))?;
            let above = directory.ancestors();
            directories.extend(
                above
                    .take_while(|it| it.starts_with(&self.root))
                    .map(Path::to_owned),
            );
            written.push(path);
        }
        for path in written {
            sync(&path).map_err(Error::at(&path))?;
        }
        for directory in directories {
            sync_directory(&directory).map_err(Error::at(&directory))?;
        }
        Ok(())
    }

    /// Removes partial tiles that no checkpoint needs any more. Failures are ignored: a stale tile does no harm.
    pub(crate) fn remove(&self, tiles: impl Iterator<Item = Tile>) {
        for tile in tiles {
            let path = self.path(&tile);
            let _ = fs::remove_file(&path);
            // Fails, as it should, if a tile of another width is left in it.
            let _ = path.parent().map(fs::remove_dir);
        }
    }

    /// Returns the hashes of a tile, or `None` if it does not exist. They may be a prefix of a tile that has become wider.
    pub(crate) fn read(&self, tile: &Tile) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = read_if_any(&self.path(tile))?;
        if bytes.is_none() && u64::from(tile.width()) < WIDTH {
            let (level, index) = (tile.level(), tile.level_index());
            let full = Tile::new(HEIGHT, level, index, WIDTH as u32, false);
            bytes = read_if_any(&self.path(&full))?;
            if let Some(bytes) = &mut bytes {
                bytes.truncate(tile.width() as usize * HASH_SIZE);
            }
        }
        Ok(bytes)
    }

    /// Returns the hashes of a tile that must exist.
    pub(crate) fn expect(&self, tile: Tile) -> Result<Vec<u8>, Error> {
        let path = self.path(&tile);
        let bytes = self.read(&tile).map_err(Error::at(&path))?;
        bytes
            .filter(|bytes| bytes.len() == tile.width() as usize * HASH_SIZE)
            .ok_or_else(|| Error::Log(format!("{}: the tile is missing or cut", path.display())))
    }

    /// Returns an inclusion proof, from tiles that yield this root.
    pub(crate) fn prove_leaf(&self, leaf: u64, size: u64, root: Hash) -> Result<Vec<Hash>, Error> {
        let hashes = TileHashReader::new(size, root, self);
        prove_record(size, leaf, &hashes).map_err(|error| self.no_proof(&error))
    }

    /// Returns a proof that a tree of `from` leaves is a prefix of this one, from tiles that yield this root.
    pub(crate) fn prove_prefix(
        &self,
        from: u64,
        size: u64,
        root: Hash,
    ) -> Result<Vec<Hash>, Error> {
        if from == 0 {
            // The empty tree is a prefix of all others, and has no proof.
            return Ok(Vec::new());
        }
        let hashes = TileHashReader::new(size, root, self);
        prove_tree(size, from, &hashes).map_err(|error| self.no_proof(&error))
    }

    fn no_proof(&self, error: &tlog_tiles::Error) -> Error {
        Error::Proof(format!(
            "{}: the tiles give no proof: {error}",
            self.root.display()
        ))
    }
}

impl TileReader for Tiles {
    fn height(&self) -> u8 {
        HEIGHT
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &Tile| {
            self.expect(*tile)
                .map_err(|error| tlog_tiles::Error::InvalidInput(error.to_string()))
        };
        tiles.iter().map(read).collect()
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

/// Reads the leaves of a log from its tiles.
#[derive(Debug)]
pub(crate) struct TileLeaves<'a> {
    tiles: &'a Tiles,
    size: u64,
    /// The tile read last, and its index.
    tile: Option<(u64, Option<Vec<u8>>)>,
}

impl<'a> TileLeaves<'a> {
    pub(crate) fn new(tiles: &'a Tiles, size: u64) -> Self {
        Self {
            tiles,
            size,
            tile: None,
        }
    }

    /// Returns the hash of a leaf, or `None` if its tile is missing or too short.
    pub(crate) fn get(&mut self, leaf: u64) -> io::Result<Option<Hash>> {
        if leaf >= self.size {
            return Ok(None);
        }
        let index = leaf / WIDTH;
        if self.tile.as_ref().is_none_or(|(at, _)| *at != index) {
            // At least 1, as the leaf is in it.
            let width = (self.size - index * WIDTH).min(WIDTH) as u32;
            let tile = Tile::new(HEIGHT, 0, index, width, false);
            self.tile = Some((index, self.tiles.read(&tile)?));
        }
        let at = (leaf % WIDTH) as usize * HASH_SIZE;
        let bytes = self.tile.as_ref().and_then(|(_, bytes)| bytes.as_ref());
        let hash = bytes.and_then(|bytes| bytes.get(at..at + HASH_SIZE)?.try_into().ok());
        Ok(hash.map(Hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let tiles = Tiles::at(PathBuf::from("/log.tlog"));
        let path = |level, index, width| tiles.path(&Tile::new(HEIGHT, level, index, width, false));
        assert_eq!(path(0, 0, 256), Path::new("/log.tlog/tile/0/000"));
        assert_eq!(path(0, 273, 112), Path::new("/log.tlog/tile/0/273.p/112"));
        assert_eq!(
            path(1, 1_234_067, 256),
            Path::new("/log.tlog/tile/1/x001/x234/067")
        );
        // Levels and indices that look like the height.
        assert_eq!(path(8, 8, 8), Path::new("/log.tlog/tile/8/008.p/8"));
    }
}
