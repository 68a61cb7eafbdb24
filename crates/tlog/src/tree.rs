//! The Merkle tree of RFC 6962 as it grows, in constant memory: the last, partial tile of each level.

use tlog_tiles::{node_hash, Hash, Tile, EMPTY_HASH, HASH_SIZE};

/// Hashes in a full tile.
pub(crate) const WIDTH: u64 = 256;

/// The height of a tile, of which [`WIDTH`] follows.
pub(crate) const HEIGHT: u8 = 8;

/// A tile to write, or to compare with the one written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TileData {
    pub(crate) tile: Tile,
    pub(crate) bytes: Vec<u8>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    size: u64,
    /// For each level the hashes of its partial tile, one after the other; empty where the last tile is full.
    levels: Vec<Vec<u8>>,
}

impl Tree {
    /// Returns a tree of this size, given its partial tiles.
    pub(crate) fn resume<E>(
        size: u64,
        mut read: impl FnMut(Tile) -> Result<Vec<u8>, E>,
    ) -> Result<Self, E> {
        let levels = partial_tiles(size)
            .into_iter()
            .map(|tile| tile.map_or(Ok(Vec::new()), &mut read))
            .collect::<Result<_, E>>()?;
        Ok(Self { size, levels })
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf, and passes on the tiles that it fills.
    pub(crate) fn push(&mut self, leaf: Hash, mut full: impl FnMut(TileData)) {
        self.size += 1;
        let mut hash = leaf;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let hashes = &mut self.levels[level];
            hashes.extend_from_slice(&hash.0);
            if hashes.len() < WIDTH as usize * HASH_SIZE {
                return;
            }
            let bytes = std::mem::take(hashes);
            hash = Tile::subtree_hash(&bytes);
            // A tree of 2^64 leaves has eight levels.
            let level = level as u8;
            let index = (self.size >> (HEIGHT * (level + 1))) - 1;
            let tile = Tile::new(HEIGHT, level, index, WIDTH as u32, false);
            full(TileData { tile, bytes });
        }
    }

    /// Returns the tiles that are not full.
    pub(crate) fn partial(&self) -> Vec<TileData> {
        let tiles = partial_tiles(self.size).into_iter().zip(&self.levels);
        let data = |(tile, bytes): (Option<Tile>, &Vec<u8>)| {
            let bytes = bytes.clone();
            tile.map(|tile| TileData { tile, bytes })
        };
        tiles.filter_map(data).collect()
    }

    /// Returns the Merkle tree hash: joins the perfect subtrees from the right, where the smallest ones are.
    pub(crate) fn root(&self) -> Hash {
        let mut root: Option<Hash> = None;
        for mut hashes in self.levels.iter().map(Vec::as_slice) {
            while !hashes.is_empty() {
                // The lowest bit of the width is the size of the last subtree.
                let width = hashes.len() / HASH_SIZE;
                let last = 1 << width.trailing_zeros();
                let (before, subtree) = hashes.split_at((width - last) * HASH_SIZE);
                let hash = Tile::subtree_hash(subtree);
                root = Some(root.map_or(hash, |right| node_hash(hash, right)));
                hashes = before;
            }
        }
        root.unwrap_or(EMPTY_HASH)
    }
}

/// Returns the partial tile of each level of a tree of this size that has one.
pub(crate) fn partial_tiles(size: u64) -> Vec<Option<Tile>> {
    let mut tiles = Vec::new();
    let mut width = size;
    while width > 0 {
        // At most eight levels, each with less than a tile's width.
        let (level, last) = (tiles.len() as u8, (width % WIDTH) as u32);
        tiles.push((last > 0).then(|| Tile::new(HEIGHT, level, width / WIDTH, last, false)));
        width /= WIDTH;
    }
    tiles
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tlog_tiles::{record_hash, stored_hashes, tree_hash, HashReader};

    use super::*;

    /// All hashes of a tree in memory, as `tlog_tiles` numbers them.
    #[derive(Default)]
    struct Stored(RefCell<Vec<Hash>>);

    impl HashReader for Stored {
        fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
            let stored = self.0.borrow();
            Ok(indexes.iter().map(|at| stored[*at as usize]).collect())
        }
    }

    #[test]
    fn roots_and_tiles_are_those_of_rfc_6962_at_every_size() {
        let stored = Stored::default();
        let mut tree = Tree::default();
        let mut full = Vec::new();
        assert_eq!(tree.root(), EMPTY_HASH);
        for n in 0..66_000_u64 {
            let leaf = n.to_be_bytes();
            let more = stored_hashes(n, &leaf, &stored).expect("hashes in memory");
            stored.0.borrow_mut().extend(more);
            tree.push(record_hash(&leaf), |tile| full.push(tile));
            if n < 1000 || n % 997 == 0 || (65_530..65_540).contains(&n) {
                assert_eq!(
                    tree.root(),
                    tree_hash(n + 1, &stored).expect("hashes"),
                    "{n}"
                );
                let read = |tile: Tile| tile.read_data(&stored);
                let resumed = Tree::resume(n + 1, read).expect("hashes");
                assert_eq!(resumed.root(), tree.root(), "{n}");
                assert_eq!(resumed.partial(), tree.partial(), "{n}");
            }
        }
        // 257 of the lowest level, and the one above them.
        assert_eq!(full.len(), 258);
        for TileData { tile, bytes } in &full {
            assert_eq!(*bytes, tile.read_data(&stored).expect("hashes"), "{tile:?}");
        }
    }

    #[test]
    fn roots_are_those_of_the_test_vectors_of_certificate_transparency() {
        let leaves: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b" !",
            b"01",
            b"@ABC",
            b"PQRSTUVW",
            b"`abcdefghijklmno",
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut tree = Tree::default();
        for (leaf, root) in leaves.into_iter().zip(roots) {
            tree.push(record_hash(leaf), |_| {});
            let hex: String = tree.root().0.iter().map(|it| format!("{it:02x}")).collect();
            assert_eq!(hex, root);
        }
    }

    #[test]
    fn the_tiles_of_the_specifications_example_are_partial() {
        let widths: Vec<_> = partial_tiles(70_000)
            .into_iter()
            .map(|tile| tile.map(|tile| (tile.level(), tile.level_index(), tile.width())))
            .collect();
        assert_eq!(
            widths,
            [Some((0, 273, 112)), Some((1, 1, 17)), Some((2, 0, 1))]
        );
        let widths = partial_tiles(256);
        assert_eq!(widths[0], None);
        assert_eq!(widths[1].map(|tile| tile.width()), Some(1));
    }
}
