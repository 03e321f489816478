//! The neuron's shape as the cable equation sees it: compartments, their areas and axial resistances.

use std::collections::{HashMap, VecDeque};
use std::f64::consts::PI;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::region::read::Fields;
use crate::settings::SettingError;
use crate::text::plain_words;
use crate::units::NA_PER_UM2;

/// An unbranched cable of constant diameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// The branch's name, unlike that of any other branch.
    pub name: String,
    /// The name of the branch's parent: [`Branch::SOMA`] or an earlier branch.
    pub parent: String,
    /// Where the branch's 0 end joins the parent: 1 is the parent's far end, shared by all branches that join it;
    /// otherwise the middle of the parent's segment that holds this arc position in [0, 1).
    #[serde(default = "far_end")]
    pub parent_x: f64,
    /// Length, µm.
    #[serde(rename = "L_um")]
    pub length_um: f64,
    /// Diameter, µm.
    pub diam_um: f64,
    /// Equal compartments along its length.
    pub num_segments: usize,
    /// The region that it belongs to.
    #[serde(default = "dend", skip_serializing_if = "is_dend")]
    pub region: String,
}

fn far_end() -> f64 {
    1.0
}

fn dend() -> String {
    Branch::DEND.to_owned()
}

fn is_dend(region: &str) -> bool {
    region == Branch::DEND
}

impl Branch {
    /// The name by which a branch names the soma as its parent.
    pub const SOMA: &str = "soma";
    /// The region of a branch that names none.
    pub const DEND: &str = "dend";

    /// The segment that holds an arc position in [0, 1).
    #[must_use]
    pub fn segment_at(&self, x: f64) -> usize {
        segment_at(x, self.num_segments)
    }
}

/// Which of `n` equal segments holds an arc position in [0, 1).
fn segment_at(x: f64, n: usize) -> usize {
    ((x * n as f64) as usize).min(n - 1)
}

/// Reads the value of `branches`.
///
/// # Errors
/// What is wrong, with its place.
pub(super) fn read_branches<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<Branch>>, D::Error> {
    const KEYS: [&str; 7] =
        ["name", "parent", "parent_x", "L_um", "diam_um", "num_segments", "region"];
    let Some(listed) = Option::<Vec<Value>>::deserialize(deserializer)? else { return Ok(None) };
    let read = |(i, value): (usize, Value)| {
        let place = format!("branches[{i}]");
        Fields::new(&place, &value, &KEYS)?;
        serde_json::from_value(value).map_err(|e| format!("{place}: {}", plain_words(&e)))
    };
    let branches: Result<_, String> = listed.into_iter().enumerate().map(read).collect();
    branches.map(Some).map_err(D::Error::custom)
}

/// The soma and the branches on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Morphology {
    soma_length_um: f64,
    soma_diam_um: f64,
    soma_resistivity: f64, // Ω·cm
    branches: Vec<Branch>,
    resistivities: Vec<f64>, // by branch, Ω·cm
}

/// The soma or a segment, and where on the neuron it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place<'a> {
    /// Its region.
    pub region: &'a str,
    /// The branch, or the soma.
    pub at: &'a str,
    /// Path distance from the middle of the soma to its middle, µm.
    pub d_um: f64,
}

/// A node of the discretised cable: the soma, the middle of a segment, or a junction at a far end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    /// Index of the next node towards the root; the root's is its own index.
    pub parent: usize,
    /// Membrane area, µm²; a junction has no membrane and stands in the equations with 100 µm², which drops out.
    pub area_um2: f64,
    /// The axial conductance to the parent per area of this node, 100/(R·area), S/cm².
    pub to_parent: f64,
    /// The same axial conductance per area of the parent, S/cm².
    pub at_parent: f64,
    /// Whether the node is a junction, which has neither area nor membrane.
    pub junction: bool,
}

/// The nodes in an order in which every parent comes before its children (Hines 1984).
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// The nodes; the first is the root, at the soma's 0 end.
    pub nodes: Vec<Node>,
    /// Index of the soma's node.
    pub soma: usize,
    /// Index of each segment's node: branch after branch in the order listed, proximal first.
    pub segments: Vec<usize>,
}

/// The area with which a junction stands in the equations, µm²; the solution does not depend on it.
const JUNCTION_AREA: f64 = 100.0;

/// A node at which a child can join, and its area.
#[derive(Clone, Copy)]
struct Joint {
    node: usize,
    area_um2: f64,
}

impl Morphology {
    /// A soma with branches; lengths in µm, `axial_resistivity` of a region in Ω·cm.
    pub(super) fn new(
        [soma_length_um, soma_diam_um]: [f64; 2],
        axial_resistivity: impl Fn(&str) -> f64,
        branches: Vec<Branch>,
    ) -> Self {
        let resistivities = branches.iter().map(|b| axial_resistivity(&b.region)).collect();
        let soma_resistivity = axial_resistivity(Branch::SOMA);
        Self { soma_length_um, soma_diam_um, soma_resistivity, branches, resistivities }
    }

    /// The soma, then every segment, branch after branch in the order listed, proximal first.
    ///
    /// The path runs as the currents do: a branch that joins within its parent begins in the middle of the parent's
    /// segment there, one that joins the far end begins at that end.
    #[must_use]
    pub fn places(&self) -> Vec<Place<'_>> {
        let mut places = vec![Place { region: Branch::SOMA, at: Branch::SOMA, d_um: 0.0 }];
        // the place of each branch's first segment, and the path to its far end
        let mut placed: Vec<(usize, f64)> = Vec::new();
        for (branch, parent) in self.branches.iter().zip(self.parents()) {
            let parent = parent.and_then(|p| Some((&self.branches[p], *placed.get(p)?)));
            let start = match parent {
                Some((_, (_, end))) if branch.parent_x >= 1.0 => end,
                Some((parent, (first, _))) => {
                    places[first + parent.segment_at(branch.parent_x)].d_um
                }
                None if branch.parent_x >= 1.0 => self.soma_length_um / 2.0,
                None => 0.0,
            };
            placed.push((places.len(), start + branch.length_um));
            let middle = |i: usize| (i as f64 + 0.5) / branch.num_segments as f64;
            places.extend((0..branch.num_segments).map(|i| Place {
                region: &branch.region,
                at: &branch.name,
                d_um: start + branch.length_um * middle(i),
            }));
        }
        places
    }

    /// Checks the branches: sizes, unique names, parents that come earlier.
    ///
    /// # Errors
    /// [`SettingError::Range`] names the branch and its fault.
    pub fn validate(&self) -> Result<(), SettingError> {
        let fault =
            |at: String, value: String, must: &str| Err(SettingError::range(at, value, must));
        if self.branches.is_empty() {
            return fault("branches".to_owned(), "[]".to_owned(), "at least one branch is needed");
        }
        let mut total = 0_usize;
        let mut known = HashMap::from([(Branch::SOMA, 0)]);
        for (i, branch) in self.branches.iter().enumerate() {
            let at = |field: &str| format!("branches[{i}] (\"{}\").{field}", branch.name);
            if branch.name.is_empty() || known.contains_key(&branch.name[..]) {
                let must = "a branch's name must be new, not empty, and not \"soma\"";
                return fault(at("name"), format!("\"{}\"", branch.name), must);
            }
            if !known.contains_key(&branch.parent[..]) {
                let must = "must be \"soma\" or the name of an earlier branch";
                return fault(at("parent"), format!("\"{}\"", branch.parent), must);
            }
            if !(0.0..=1.0).contains(&branch.parent_x) {
                return fault(at("parent_x"), branch.parent_x.to_string(), "must lie in 0..1");
            }
            if !(branch.length_um > 0.0 && branch.length_um <= 1e5) {
                let must = "must be above 0 and at most 100000 µm";
                return fault(at("L_um"), branch.length_um.to_string(), must);
            }
            if !(branch.diam_um > 0.0 && branch.diam_um <= 1e3) {
                let must = "must be above 0 and at most 1000 µm";
                return fault(at("diam_um"), branch.diam_um.to_string(), must);
            }
            known.insert(&branch.name, i);
            total = total.saturating_add(branch.num_segments);
            if branch.num_segments == 0 || total > 100_000 {
                let must = "must be at least 1, and 100000 in all branches at most";
                return fault(at("num_segments"), branch.num_segments.to_string(), must);
            }
        }
        Ok(())
    }

    /// The compartments and their couplings, in NEURON's order, so that sums round as NEURON's do.
    ///
    /// Half of each neighbouring compartment lies in the axial path between two nodes. Each section ends in a junction
    /// without membrane, which all sections that join this end share; the soma has another at its 0 end, the root.
    /// Sections follow breadth first; of siblings the one with the smaller `parent_x` comes first, of siblings at the
    /// same `parent_x` the one listed last.
    #[must_use]
    pub fn tree(&self) -> Tree {
        let soma_area = PI * self.soma_diam_um * self.soma_length_um;
        let soma_half =
            half_resistance(self.soma_resistivity, self.soma_length_um, self.soma_diam_um);
        let root = Node {
            parent: 0,
            area_um2: JUNCTION_AREA,
            to_parent: 0.0,
            at_parent: 0.0,
            junction: true,
        };
        let mut tree = Tree { nodes: vec![root], soma: 1, segments: Vec::new() };
        let root = Joint { node: 0, area_um2: JUNCTION_AREA };
        let soma = tree.join(root, soma_half, soma_area, false);
        let end = tree.join(soma, soma_half, JUNCTION_AREA, true);
        let parents = self.parents();
        let (on_soma, on_branch) = self.children(&parents);
        let mut placed: Vec<Option<Placed>> = vec![None; self.branches.len()];
        let mut queue = VecDeque::from(on_soma);
        let soma = Placed { segments: vec![soma], end };
        while let Some(index) = queue.pop_front() {
            let branch = &self.branches[index];
            let parent = parents[index].and_then(|p| placed[p].as_ref()).unwrap_or(&soma);
            placed[index] = Some(place(branch, self.resistivities[index], parent, &mut tree));
            queue.extend(&on_branch[index]);
        }
        tree.segments =
            placed.iter().flatten().flat_map(|p| p.segments.iter().map(|s| s.node)).collect();
        tree
    }

    /// Of each branch the index of the branch that it joins; `None` where it joins the soma.
    fn parents(&self) -> Vec<Option<usize>> {
        let mut indices: HashMap<&str, usize> = HashMap::new();
        for (i, branch) in self.branches.iter().enumerate() {
            indices.insert(&branch.name, i);
        }
        self.branches.iter().map(|branch| indices.get(&branch.parent[..]).copied()).collect()
    }

    /// The indices of the branches that join the soma, and of those that join each branch, in the order of their nodes.
    fn children(&self, parents: &[Option<usize>]) -> (Vec<usize>, Vec<Vec<usize>>) {
        let (mut on_soma, mut on_branch) = (Vec::new(), vec![Vec::new(); parents.len()]);
        for (i, parent) in parents.iter().enumerate().rev() {
            parent.map_or(&mut on_soma, |p| &mut on_branch[p]).push(i);
        }
        let x = |i: usize| self.branches[i].parent_x;
        for siblings in on_branch.iter_mut().chain([&mut on_soma]) {
            siblings.sort_by(|&a, &b| x(a).total_cmp(&x(b)));
        }
        (on_soma, on_branch)
    }
}

/// Puts a branch's nodes into the tree.
fn place(branch: &Branch, resistivity: f64, parent: &Placed, tree: &mut Tree) -> Placed {
    let length = branch.length_um / branch.num_segments as f64;
    let area = PI * branch.diam_um * length;
    let half = half_resistance(resistivity, length, branch.diam_um);
    let mut from = parent.joint(branch.parent_x);
    let mut resistance = half;
    let segments = (0..branch.num_segments)
        .map(|_| {
            from = tree.join(from, resistance, area, false);
            resistance = half + half;
            from
        })
        .collect();
    Placed { segments, end: tree.join(from, half, JUNCTION_AREA, true) }
}

/// Axial resistance of half a compartment, MΩ; `resistivity` in Ω·cm.
fn half_resistance(resistivity: f64, length_um: f64, diam_um: f64) -> f64 {
    1e-2 * resistivity * (length_um / 2.0) / (PI * diam_um * diam_um / 4.0)
}

/// A section whose nodes are in the tree.
#[derive(Clone)]
struct Placed {
    segments: Vec<Joint>,
    end: Joint,
}

impl Placed {
    fn joint(&self, x: f64) -> Joint {
        if x >= 1.0 {
            return self.end;
        }
        self.segments[segment_at(x, self.segments.len())]
    }
}

impl Tree {
    fn join(&mut self, parent: Joint, resistance: f64, area_um2: f64, junction: bool) -> Joint {
        let conductance = 1.0 / resistance; // µS
        self.nodes.push(Node {
            parent: parent.node,
            area_um2,
            to_parent: NA_PER_UM2 * conductance / area_um2,
            at_parent: NA_PER_UM2 * conductance / parent.area_um2,
            junction,
        });
        Joint { node: self.nodes.len() - 1, area_um2 }
    }
}
