//! No file imports itself through others, and no room does: every path in the source that leads to another file (`use`,
//! `crate::`, `super::`, `self::` and the name of an inner module anywhere, outside tests) is an edge, and the edges
//! form no circle. Who may see something (`pub(in crate::web)`) is no edge.

#![allow(clippy::unwrap_used)] // a source that cannot be read fails the test

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A module's path within the crate, such as `["twin", "train", "batch"]`.
type Module = Vec<String>;

/// Every source file by its module.
fn files(dir: &Path, module: &Module, found: &mut BTreeMap<Module, String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut inner = module.clone();
        if path.is_dir() {
            inner.push(name);
            files(&path, &inner, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            if !["mod", "lib"].contains(&name.as_str()) {
                inner.push(name);
            }
            found.insert(inner, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Words and signs of a source text without its comments, strings and characters; `::` is one sign.
fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let (mut all, mut i) = (Vec::new(), 0);
    while i < chars.len() {
        let start = i;
        match (at(i), at(i + 1)) {
            ('/', '/') => i += chars[i..].iter().take_while(|c| **c != '\n').count(),
            ('r', '"' | '#') => {
                let hashes = chars[i + 1..].iter().take_while(|c| **c == '#').count();
                let end: Vec<char> = std::iter::once('"').chain(vec!['#'; hashes]).collect();
                i += hashes + 2;
                while i < chars.len() && !chars[i..].starts_with(&end) {
                    i += 1;
                }
                i += end.len();
            }
            ('"', _) => {
                i += 1;
                while i < chars.len() && at(i) != '"' {
                    i += 1 + usize::from(at(i) == '\\');
                }
                i += 1;
            }
            ('\'', '\\') => {
                i += 2 + chars[i + 2..].iter().skip(1).take_while(|c| **c != '\'').count() + 2
            }
            ('\'', _) if at(i + 2) == '\'' => i += 3,
            (':', ':') => {
                all.push("::".to_owned());
                i += 2;
            }
            (c, _) if c.is_alphanumeric() || c == '_' => {
                i += chars[i..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').count();
                all.push(chars[start..i].iter().collect());
            }
            (c, _) => {
                if !c.is_whitespace() {
                    all.push(c.to_string());
                }
                i += 1;
            }
        }
    }
    all
}

/// The tokens without those of test modules.
fn without_tests(all: &[String]) -> Vec<&str> {
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let (mut kept, mut i) = (Vec::new(), 0);
    while i < all.len() {
        let test = all[i..].starts_with(&["#", "[", "cfg", "(", "test", ")", "]"]);
        let opens = all[i..].iter().position(|t| ["{", ";"].contains(t));
        match opens {
            Some(n) if test && all[i..i + n].contains(&"mod") => {
                let mut depth = usize::from(all[i + n] == "{");
                i += n + 1;
                while depth > 0 && i < all.len() {
                    match all[i] {
                        "{" => depth += 1,
                        "}" => depth -= 1,
                        _ => {}
                    }
                    i += 1;
                }
            }
            _ => {
                kept.push(all[i]);
                i += 1;
            }
        }
    }
    kept
}

/// Paths of a `use` tree that begins at `i`, behind `prefix`; gives the place behind the tree.
fn tree(t: &[&str], mut i: usize, prefix: &Module, paths: &mut Vec<Module>) -> usize {
    let mut path = prefix.clone();
    loop {
        match t.get(i) {
            Some(&"{") => {
                i += 1;
                while i < t.len() && t[i] != "}" {
                    i = tree(t, i, &path, paths);
                    i += usize::from(t.get(i) == Some(&","));
                }
                return i + 1;
            }
            Some(&"::") => i += 1,
            Some(&"," | &"}" | &";") | None => break,
            Some(&"as") => i += 2,
            Some(word) => {
                path.push((*word).to_owned());
                i += 1;
            }
        }
    }
    paths.push(path);
    i
}

/// The paths that a file's text mentions.
fn paths(text: &str) -> Vec<Module> {
    let all = tokens(text);
    let t = without_tests(&all);
    let (mut found, mut i) = (Vec::new(), 0);
    while i < t.len() {
        if t[i] == "use" {
            i = tree(&t, i + 1, &Vec::new(), &mut found);
        } else if t[i..].starts_with(&["pub", "(", "in"]) {
            // a visibility is no import
            i += t[i..].iter().position(|sign| *sign == ")").unwrap_or(1);
        } else if ["crate", "super", "self"].contains(&t[i]) && t.get(i + 1) == Some(&"::") {
            let mut path = vec![t[i].to_owned()];
            while t.get(i + 1) == Some(&"::") && i + 2 < t.len() {
                path.push(t[i + 2].to_owned());
                i += 2;
            }
            found.push(path);
        } else {
            // a path that begins with the name of an inner module, or with another name, which leads to no file
            let begins = t.get(i + 1) == Some(&"::") && (i == 0 || t[i - 1] != "::");
            if begins && t.get(i + 2).is_some_and(|word| *word != "<") {
                found.push(vec![t[i].to_owned(), t[i + 2].to_owned()]);
            }
            i += 1;
        }
    }
    found
}

/// The file that a path in `module` leads to; `None` where it leads to no file of the crate.
fn target(module: &Module, path: &Module, files: &BTreeMap<Module, String>) -> Option<Module> {
    let mut rest = path.as_slice();
    let mut at = match rest.first()?.as_str() {
        "crate" => Vec::new(),
        _ => module.clone(),
    };
    while let Some(first) =
        rest.first().filter(|w| ["crate", "self", "super"].contains(&w.as_str()))
    {
        if first == "super" {
            at.pop();
        }
        rest = &rest[1..];
    }
    let begins = at.clone();
    for word in rest {
        let inner: Module = at.iter().chain([word]).cloned().collect();
        if !files.contains_key(&inner) {
            break;
        }
        at = inner;
    }
    let relative = !["crate", "self", "super"].contains(&path[0].as_str());
    (!(relative && at == begins)).then_some(at)
}

/// The modules on a circle of imports through `from`; `None` where no circle leads through it.
fn circle(from: &Module, edges: &BTreeMap<Module, BTreeSet<Module>>) -> Option<Vec<Module>> {
    let mut ways = vec![vec![from.clone()]];
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop() {
        for next in edges.get(way.last()?).into_iter().flatten() {
            let longer: Vec<Module> = way.iter().chain([next]).cloned().collect();
            if next == from {
                return Some(longer);
            }
            if seen.insert(next.clone()) {
                ways.push(longer);
            }
        }
    }
    None
}

/// The imports of every source file of the crate.
fn imports() -> BTreeMap<Module, BTreeSet<Module>> {
    let mut all = BTreeMap::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &Vec::new(), &mut all);
    let mut edges: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (module, text) in &all {
        let edges = edges.entry(module.clone()).or_default();
        let targets = paths(text).into_iter().filter_map(|path| target(module, &path, &all));
        edges.extend(targets.filter(|target| target != module));
    }
    assert!(edges.values().map(BTreeSet::len).sum::<usize>() > 500, "the imports were not read");
    edges
}

fn written(way: &[Module]) -> String {
    way.iter().map(|module| module.join("::")).collect::<Vec<_>>().join(" → ")
}

#[test]
fn no_file_imports_itself() {
    let edges = imports();
    let circles = edges.keys().filter_map(|module| circle(module, &edges));
    let circles: BTreeSet<String> = circles.map(|way| written(&way)).collect();
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn no_room_imports_itself() {
    let mut rooms: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (from, to) in imports() {
        let Some(room) = from.first() else { continue };
        let others = to.iter().filter_map(|to| to.first()).filter(|other| *other != room);
        let others = others.map(|other| vec![other.clone()]);
        rooms.entry(vec![room.clone()]).or_default().extend(others);
    }
    assert!(rooms.len() > 8, "{rooms:?}");
    for room in rooms.keys() {
        let found = circle(room, &rooms);
        assert!(found.is_none(), "{}", written(&found.unwrap_or_default()));
    }
}

#[test]
fn a_circle_is_found() {
    let sources = [
        ("a", "use super::b::{self, X};"),
        ("b", "fn f() { crate::c::g() }"),
        ("c", "use super::a::Y as Z;"),
    ];
    let all: BTreeMap<Module, String> =
        sources.map(|(name, text)| (vec![name.to_owned()], text.to_owned())).into();
    let mut edges: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (module, text) in &all {
        let to = paths(text).iter().filter_map(|path| target(module, path, &all)).collect();
        edges.insert(module.clone(), to);
    }
    assert_eq!(circle(&vec!["a".to_owned()], &edges).map(|way| way.len()), Some(4));
    let quiet = "// use crate::a;\nconst S: &str = \"use crate::a;\";\npub(in crate::a) fn f() {}\n#[cfg(test)]\nmod tests { use crate::a::X; }\n";
    assert!(paths(quiet).is_empty(), "{:?}", paths(quiet));
}
