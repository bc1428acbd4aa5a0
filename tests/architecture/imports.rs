//! Imports between the files of a crate, resolved as the compiler resolves names.
//!
//! A file imports another if a `use`, a path (in code, in a type, in the text of an attribute) or a macro leads to an item
//! that is *defined* there; what is exported again on the way is followed to its definition. So
//!
//! * `mod child;` and a `pub use child::Item;` that stands above `child` declare, and import nothing. Where the file's own
//!   code then says `Item`, that is an import.
//! * a `use` of a whole module imports nothing by itself: the items that are reached through it count. A `use module::*`
//!   imports the module's file.
//! * a macro is looked through twice. The paths of its definition that begin with `crate` are imports of the file that
//!   defines it, and every path of it is resolved once more in each module that invokes it, with the words of the invocation
//!   in the place of its variables.
//! * tests inside a file are part of it.
//!
//! Methods and associated items are no imports of their own: whoever calls one has the type from where it is defined.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{ImplItem, Item, Pat, TraitItem, UseTree, Visibility};

/// Name of the library crate, by which the program names it.
const LIBRARY: &str = "sitewright";

/// A `use`, one name at a time.
struct Use {
    path: Vec<String>,
    /// The name that it has here; `*` for all of a module.
    name: String,
    /// Whether others may import it from here.
    exported: bool,
}

/// A path that stands somewhere in a module.
#[derive(Clone)]
struct Mention {
    path: Vec<String>,
    /// What a macro is invoked with, where the path is followed by `!`.
    invoked: Option<TokenStream>,
}

/// A module: a file, or a block within one.
struct Module {
    /// Index of its file.
    file: usize,
    /// Its name within the parent.
    name: String,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    /// Items that are defined here; of a macro what it is made of.
    items: BTreeMap<String, Option<TokenStream>>,
    uses: Vec<Use>,
    mentions: Vec<Mention>,
    /// Macros that stand where items do.
    makers: Vec<Vec<String>>,
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Item { module: usize, name: String },
    Module(usize),
}

/// One file imports an item of another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Import {
    /// Path below `src`.
    pub(crate) from: String,
    /// Path below `src`.
    pub(crate) to: String,
    pub(crate) item: String,
}

/// All that is known of the imports of a crate.
#[derive(Debug, Default)]
pub(crate) struct Imports {
    /// Between different files.
    pub(crate) files: BTreeSet<Import>,
    /// File, and room (the first module of a path) that one of its paths passes or leads to.
    pub(crate) rooms: BTreeSet<(String, String)>,
    /// File, and a path of this crate that leads nowhere: here the reading is not whole.
    pub(crate) unresolved: BTreeSet<(String, String)>,
}

/// The modules of a crate.
pub(crate) struct Tree {
    files: Vec<String>,
    modules: Vec<Module>,
    /// The library's root.
    library: usize,
}

/// Imports of a crate, from its files' paths below `src` and their texts.
pub(crate) fn imports(texts: &BTreeMap<String, String>) -> Result<Imports, String> {
    let mut tree = Tree { files: Vec::new(), modules: Vec::new(), library: 0 };
    tree.library = tree.file(texts, "lib.rs", "", None, "")?;
    if texts.contains_key("main.rs") {
        tree.file(texts, "main.rs", "", None, "")?;
    }
    let unread: Vec<&String> = texts.keys().filter(|file| !tree.files.contains(file)).collect();
    if !unread.is_empty() {
        return Err(format!("no module declares {unread:?}"));
    }
    tree.made();
    Ok(tree.imports())
}

impl Tree {
    /// Reads a file as a module. `folder` is where files of its children are.
    fn file(
        &mut self,
        texts: &BTreeMap<String, String>,
        file: &str,
        name: &str,
        parent: Option<usize>,
        folder: &str,
    ) -> Result<usize, String> {
        let text = texts.get(file).ok_or_else(|| format!("there is no file {file}"))?;
        let parsed = syn::parse_file(text).map_err(|error| format!("{file}: {error}"))?;
        self.files.push(file.to_owned());
        let module = self.module(self.files.len() - 1, name, parent);
        self.items(texts, module, &parsed.items, folder)?;
        Ok(module)
    }

    fn module(&mut self, file: usize, name: &str, parent: Option<usize>) -> usize {
        self.modules.push(Module {
            file,
            name: name.to_owned(),
            parent,
            children: BTreeMap::new(),
            items: BTreeMap::new(),
            uses: Vec::new(),
            mentions: Vec::new(),
            makers: Vec::new(),
        });
        self.modules.len() - 1
    }

    fn items(
        &mut self,
        texts: &BTreeMap<String, String>,
        module: usize,
        items: &[Item],
        folder: &str,
    ) -> Result<(), String> {
        for item in items {
            if let Item::Mod(child) = item {
                let name = child.ident.to_string();
                let below = join(folder, &name);
                let index = if let Some((_, items)) = &child.content {
                    let index = self.module(self.modules[module].file, &name, Some(module));
                    self.items(texts, index, items, &below)?;
                    index
                } else if let Some(other) = renamed(child) {
                    let file = join(directory(&self.files[self.modules[module].file]), &other);
                    self.file(texts, &file, &name, Some(module), directory(&file))?
                } else {
                    let plain = format!("{below}.rs");
                    let file = if texts.contains_key(&plain) { plain } else { join(&below, "mod.rs") };
                    self.file(texts, &file, &name, Some(module), &below)?
                };
                self.modules[module].children.insert(name, index);
                continue;
            }
            let mut reader = Reader { module: &mut self.modules[module], locals: BTreeSet::new() };
            reader.item(item);
        }
        Ok(())
    }

    /// Adds the items that a macro makes under names of its own wherever it is invoked.
    fn made(&mut self) {
        for module in 0..self.modules.len() {
            let mut names = Vec::new();
            for path in &self.modules[module].makers {
                for end in self.resolve(module, path, &[], &mut Vec::new(), &mut BTreeSet::new()) {
                    let End::Item { module: defined, name } = end else { continue };
                    let definition = self.modules[defined].items.get(&name).and_then(Option::as_ref);
                    names.extend(definition.into_iter().flat_map(made_by));
                }
            }
            for name in names {
                self.modules[module].items.entry(name).or_default();
            }
        }
    }

    fn imports(&self) -> Imports {
        let mut found = Imports::default();
        for module in 0..self.modules.len() {
            for used in &self.modules[module].uses {
                self.used(module, used, &mut found);
            }
            for mention in &self.modules[module].mentions {
                self.mentioned(module, mention, &mut found);
            }
            for definition in self.modules[module].items.values().flatten() {
                for mention in mentions(definition) {
                    if mention.path[0] == "crate" && !mention.path.iter().any(|part| part.starts_with('$')) {
                        self.mentioned(module, &mention, &mut found);
                    }
                }
            }
        }
        found
    }

    fn used(&self, module: usize, used: &Use, found: &mut Imports) {
        let ends = self.ends(module, &used.path, &[], found);
        for end in ends {
            match end {
                // What stands above the item exports it; it is an import where its own code says the name.
                End::Item { module: defined, .. } if used.exported && self.is_below(defined, module) => {}
                End::Module(whole) if used.name == "*" && !(used.exported && self.is_below(whole, module)) => {
                    self.import(module, whole, "*", found);
                }
                End::Module(_) => {}
                End::Item { module: defined, name } => self.import(module, defined, &name, found),
            }
        }
    }

    fn mentioned(&self, module: usize, mention: &Mention, found: &mut Imports) {
        for end in self.ends(module, &mention.path, &[], found) {
            let End::Item { module: defined, name } = end else { continue };
            self.import(module, defined, &name, found);
            if let (Some(words), Some(Some(definition))) = (&mention.invoked, self.modules[defined].items.get(&name)) {
                let mut seen = BTreeSet::from([(defined, name)]);
                self.expanded(module, definition, &idents(words), &mut seen, found);
            }
        }
    }

    /// Paths of a macro's definition in the module that invokes it. `words` are those of the invocation.
    fn expanded(
        &self,
        module: usize,
        definition: &TokenStream,
        words: &[String],
        seen: &mut BTreeSet<(usize, String)>,
        found: &mut Imports,
    ) {
        for mention in mentions(definition) {
            for end in self.ends(module, &mention.path, words, found) {
                let End::Item { module: defined, name } = end else { continue };
                self.import(module, defined, &name, found);
                let inner = self.modules[defined].items.get(&name).and_then(Option::as_ref);
                if let (Some(more), Some(inner)) = (&mention.invoked, inner)
                    && seen.insert((defined, name))
                {
                    let all: Vec<String> = words.iter().cloned().chain(idents(more)).collect();
                    self.expanded(module, inner, &all, seen, found);
                }
            }
        }
    }

    fn import(&self, module: usize, defined: usize, item: &str, found: &mut Imports) {
        let (from, to) = (self.modules[module].file, self.modules[defined].file);
        if from != to {
            let (from, to) = (self.files[from].clone(), self.files[to].clone());
            found.files.insert(Import { from, to, item: item.to_owned() });
        }
    }

    /// What a path leads to from a module; notes rooms, and paths of this crate that lead nowhere.
    fn ends(&self, module: usize, path: &[String], words: &[String], found: &mut Imports) -> BTreeSet<End> {
        let mut passed = BTreeSet::new();
        let ends = self.resolve(module, path, words, &mut Vec::new(), &mut passed);
        let file = &self.files[self.modules[module].file];
        let own = path.len() > 1 && ["crate", "super", "self"].contains(&path[0].as_str());
        // What is inside an item (a variant, say) is not looked at, so an item on the way is enough.
        if ends.is_empty() && own {
            found.unresolved.insert((file.clone(), path.join("::")));
        }
        for end in &ends {
            passed.insert(match end {
                End::Item { module, .. } | End::Module(module) => *module,
            });
        }
        for room in passed.into_iter().filter_map(|passed| self.room(passed)) {
            found.rooms.insert((file.clone(), room.to_owned()));
        }
        ends
    }

    fn resolve(
        &self,
        module: usize,
        path: &[String],
        words: &[String],
        seen: &mut Vec<(usize, Vec<String>)>,
        passed: &mut BTreeSet<usize>,
    ) -> BTreeSet<End> {
        match path.split_first() {
            Some((first, rest)) if first == "crate" => {
                let mut root = module;
                while let Some(parent) = self.modules[root].parent {
                    root = parent;
                }
                self.walk(root, rest, words, seen, passed)
            }
            Some((first, rest)) if first == LIBRARY => self.walk(self.library, rest, words, seen, passed),
            _ => self.walk(module, path, words, seen, passed),
        }
    }

    /// A path from inside a module.
    fn walk(
        &self,
        module: usize,
        path: &[String],
        words: &[String],
        seen: &mut Vec<(usize, Vec<String>)>,
        passed: &mut BTreeSet<usize>,
    ) -> BTreeSet<End> {
        passed.insert(module);
        let Some((first, rest)) = path.split_first() else { return BTreeSet::from([End::Module(module)]) };
        let here = &self.modules[module];
        if first == "self" {
            return self.walk(module, rest, words, seen, passed);
        }
        if first == "super" {
            return here.parent.map(|parent| self.walk(parent, rest, words, seen, passed)).unwrap_or_default();
        }
        if first.starts_with('$') {
            let mut ends = BTreeSet::new();
            for word in words.iter().filter(|word| self.names(module, word)) {
                let path: Vec<String> = std::iter::once(word.clone()).chain(rest.iter().cloned()).collect();
                ends.extend(self.walk(module, &path, &[], seen, passed));
            }
            return ends;
        }
        let step = (module, path.to_vec());
        if seen.contains(&step) {
            return BTreeSet::new();
        }
        seen.push(step);
        let mut ends = BTreeSet::new();
        let child = here.children.get(first);
        // A module and a function may share a name: more of a path can only lead into the module.
        if let Some(child) = child.filter(|_| !rest.is_empty()) {
            ends.extend(self.walk(*child, rest, words, seen, passed));
        }
        if ends.is_empty() && here.items.contains_key(first) {
            ends.insert(End::Item { module, name: first.clone() });
        }
        if ends.is_empty() || rest.is_empty() {
            for used in here.uses.iter().filter(|used| used.name == *first) {
                let path: Vec<String> = used.path.iter().chain(rest).cloned().collect();
                ends.extend(self.resolve(module, &path, words, seen, passed));
            }
        }
        if ends.is_empty() {
            for used in here.uses.iter().filter(|used| used.name == "*") {
                for end in self.resolve(module, &used.path, words, seen, passed) {
                    if let End::Module(other) = end {
                        ends.extend(self.walk(other, path, words, seen, passed));
                    }
                }
            }
        }
        if let Some(child) = child.filter(|_| rest.is_empty() && ends.is_empty()) {
            ends.insert(End::Module(*child));
        }
        seen.pop();
        ends
    }

    fn names(&self, module: usize, word: &str) -> bool {
        let module = &self.modules[module];
        module.items.contains_key(word)
            || module.children.contains_key(word)
            || module.uses.iter().any(|used| used.name == word)
    }

    fn is_below(&self, module: usize, above: usize) -> bool {
        let mut current = Some(module);
        while let Some(one) = current {
            if one == above {
                return true;
            }
            current = self.modules[one].parent;
        }
        false
    }

    /// The first module of a module's path.
    fn room(&self, module: usize) -> Option<&str> {
        let mut current = module;
        loop {
            let parent = self.modules[current].parent?;
            if self.modules[parent].parent.is_none() {
                return Some(&self.modules[current].name);
            }
            current = parent;
        }
    }
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn directory(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The file of a module that says where it is: `#[path = "…"]`.
fn renamed(module: &syn::ItemMod) -> Option<String> {
    module.attrs.iter().find_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}

/// Reads one item into its module.
struct Reader<'a> {
    module: &'a mut Module,
    /// Variables of the function that is read.
    locals: BTreeSet<String>,
}

impl Reader<'_> {
    fn item(&mut self, item: &Item) {
        self.locals.clear();
        let name = match item {
            Item::Const(one) => Some(&one.ident),
            Item::Enum(one) => Some(&one.ident),
            Item::Fn(one) => Some(&one.sig.ident),
            Item::Static(one) => Some(&one.ident),
            Item::Struct(one) => Some(&one.ident),
            Item::Trait(one) => Some(&one.ident),
            Item::TraitAlias(one) => Some(&one.ident),
            Item::Type(one) => Some(&one.ident),
            Item::Union(one) => Some(&one.ident),
            _ => None,
        };
        if let Some(name) = name {
            self.module.items.entry(name.to_string()).or_default();
        }
        match item {
            Item::Macro(one) if one.mac.path.is_ident("macro_rules") => {
                if let Some(name) = &one.ident {
                    self.module.items.insert(name.to_string(), Some(one.mac.tokens.clone()));
                }
            }
            Item::Macro(one) => {
                self.module.makers.push(parts(&one.mac.path));
                for name in defined(&one.mac.tokens) {
                    self.module.items.entry(name).or_default();
                }
                self.visit_item_macro(one);
            }
            Item::Fn(_) | Item::Const(_) | Item::Static(_) => {
                self.locals = locals(|visitor| visitor.visit_item(item));
                self.visit_item(item);
            }
            _ => self.visit_item(item),
        }
    }

    fn mention(&mut self, path: Vec<String>, invoked: Option<TokenStream>) {
        self.module.mentions.push(Mention { path, invoked });
    }

    /// Paths of a macro's words or of an attribute; a variable of the function is no path.
    fn tokens(&mut self, tokens: &TokenStream) {
        let called = |mention: &Mention| mention.path.len() > 1 || mention.invoked.is_some();
        for mention in mentions(tokens) {
            if called(&mention) || !self.locals.contains(&mention.path[0]) {
                self.module.mentions.push(mention);
            }
        }
        for used in uses(tokens) {
            self.visit_item_use(&used);
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_use(&mut self, used: &'ast syn::ItemUse) {
        let exported = !matches!(used.vis, Visibility::Inherited);
        leaves(&used.tree, &mut Vec::new(), &mut |path, name| {
            self.module.uses.push(Use { path, name, exported });
        });
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts = parts(path);
        let local = parts.len() == 1 && self.locals.contains(&parts[0]);
        if !local && path.leading_colon.is_none() {
            self.mention(parts, None);
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        // A function may be called as a variable elsewhere is.
        if let syn::Expr::Path(function) = &*call.func
            && let Some(name) = function.path.get_ident()
        {
            self.mention(vec![name.to_string()], None);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
        // A constant or a variant looks like a variable, but for its first letter.
        let name = pattern.ident.to_string();
        if name.starts_with(char::is_uppercase) {
            self.mention(vec![name], None);
        }
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_macro(&mut self, invoked: &'ast syn::Macro) {
        self.mention(parts(&invoked.path), Some(invoked.tokens.clone()));
        self.tokens(&invoked.tokens);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let tokens = match &attribute.meta {
            syn::Meta::List(list) => list.tokens.clone(),
            _ => return,
        };
        let long = |mention: &Mention| mention.path.len() > 1;
        self.module.mentions.extend(mentions(&tokens).into_iter().filter(long));
        for text in texts(&tokens) {
            if let Ok(path) = syn::parse_str::<syn::Path>(&text)
                && path.segments.len() > 1
            {
                self.visit_path(&path.clone());
            }
        }
    }

    fn visit_vis_restricted(&mut self, _restricted: &'ast syn::VisRestricted) {}

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        self.locals = locals(|visitor| visitor.visit_impl_item(item));
        visit::visit_impl_item(self, item);
        self.locals.clear();
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        self.locals = locals(|visitor| visitor.visit_trait_item(item));
        visit::visit_trait_item(self, item);
        self.locals.clear();
    }
}

/// Variables that patterns bind.
#[derive(Default)]
struct Locals(BTreeSet<String>);

impl<'ast> Visit<'ast> for Locals {
    fn visit_pat(&mut self, pattern: &'ast Pat) {
        if let Pat::Ident(one) = pattern {
            self.0.insert(one.ident.to_string());
        }
        visit::visit_pat(self, pattern);
    }
}

fn locals(read: impl FnOnce(&mut Locals)) -> BTreeSet<String> {
    let mut locals = Locals::default();
    read(&mut locals);
    locals.0.retain(|name| !name.starts_with(char::is_uppercase));
    locals.0
}

/// Each name that a `use` brings, with its whole path.
fn leaves(tree: &UseTree, above: &mut Vec<String>, leaf: &mut impl FnMut(Vec<String>, String)) {
    match tree {
        UseTree::Path(path) => {
            above.push(path.ident.to_string());
            leaves(&path.tree, above, leaf);
            above.pop();
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                leaves(tree, above, leaf);
            }
        }
        UseTree::Glob(_) => leaf(above.clone(), "*".to_owned()),
        UseTree::Name(name) => named(&name.ident.to_string(), None, above, leaf),
        UseTree::Rename(name) => named(&name.ident.to_string(), Some(name.rename.to_string()), above, leaf),
    }
}

fn named(last: &str, renamed: Option<String>, above: &[String], leaf: &mut impl FnMut(Vec<String>, String)) {
    let mut path = above.to_vec();
    if last != "self" || path.is_empty() {
        path.push(last.to_owned());
    }
    let name = renamed.or_else(|| path.last().cloned()).unwrap_or_default();
    leaf(path, name);
}

/// Words of a token stream, in whatever brackets.
fn idents(tokens: &TokenStream) -> Vec<String> {
    let mut words = Vec::new();
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(word) => words.push(word.to_string()),
            TokenTree::Group(group) => words.extend(idents(&group.stream())),
            _ => {}
        }
    }
    words
}

fn parts(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

/// Names of items that words define: `pub enum Name`. What stands in brackets is inside an item, but for repetitions.
fn defined(tokens: &TokenStream) -> Vec<String> {
    let words: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let item = ["const", "enum", "fn", "static", "struct", "trait", "type", "union"];
    let mut names = Vec::new();
    for (word, next) in words.iter().zip(words.iter().skip(1)) {
        match (word, next) {
            (TokenTree::Ident(word), TokenTree::Ident(name)) if item.contains(&word.to_string().as_str()) => {
                names.push(name.to_string());
            }
            (dollar, TokenTree::Group(group)) if is_punct(Some(dollar), '$') => names.extend(defined(&group.stream())),
            _ => {}
        }
    }
    names
}

/// Names of items that a macro defines: those of what its rules are turned into.
fn made_by(definition: &TokenStream) -> Vec<String> {
    let words: Vec<TokenTree> = definition.clone().into_iter().collect();
    let rules = words.iter().skip(1).zip(&words).filter_map(|(word, before)| match word {
        TokenTree::Group(group) if is_punct(Some(before), '>') => Some(defined(&group.stream())),
        _ => None,
    });
    rules.flatten().collect()
}

/// Texts of a token stream.
fn texts(tokens: &TokenStream) -> Vec<String> {
    let mut texts = Vec::new();
    for token in tokens.clone() {
        match token {
            TokenTree::Literal(literal) => {
                if let syn::Lit::Str(text) = syn::Lit::new(literal) {
                    texts.push(text.value());
                }
            }
            TokenTree::Group(group) => texts.extend(self::texts(&group.stream())),
            _ => {}
        }
    }
    texts
}

fn is_punct(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(one)) if one.as_char() == sign)
}

/// Every `use` of a token stream.
fn uses(tokens: &TokenStream) -> Vec<syn::ItemUse> {
    let words: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut found = Vec::new();
    for (place, word) in words.iter().enumerate() {
        match word {
            TokenTree::Group(group) => found.extend(uses(&group.stream())),
            TokenTree::Ident(word) if word == "use" => {
                let length = words[place..].iter().position(|one| is_punct(Some(one), ';'));
                let whole = length.map(|length| words[place..=place + length].iter().cloned().collect());
                found.extend(whole.and_then(|whole: TokenStream| syn::parse2(whole).ok()));
            }
            _ => {}
        }
    }
    found
}

/// Every path of a token stream. A variable of a macro is a part that begins with `$`, and `$crate` is `crate`.
fn mentions(tokens: &TokenStream) -> Vec<Mention> {
    let words: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut found = Vec::new();
    let mut place = 0;
    while place < words.len() {
        match &words[place] {
            TokenTree::Group(group) => found.extend(mentions(&group.stream())),
            TokenTree::Ident(_) => {
                let before = place.checked_sub(1).and_then(|before| words.get(before));
                let twice = place.checked_sub(2).and_then(|before| words.get(before));
                // A field or a method, a lifetime, the rest of a path that begins with a type.
                let part = (is_punct(before, '.') && !is_punct(twice, '.'))
                    || is_punct(before, '\'')
                    || (is_punct(before, ':') && is_punct(twice, ':'));
                let (path, next) = path_at(&words, place);
                place = next;
                // A variable of a macro may be anything at all.
                if part || path.is_empty() || (path.len() == 1 && path[0].starts_with('$')) {
                    continue;
                }
                let invoked = match (words.get(place), words.get(place + 1)) {
                    (bang, Some(TokenTree::Group(group))) if is_punct(bang, '!') => Some(group.stream()),
                    _ => None,
                };
                found.push(Mention { path, invoked });
                continue;
            }
            _ => {}
        }
        place += 1;
    }
    found
}

/// The path that begins at a word, and where it ends.
fn path_at(words: &[TokenTree], start: usize) -> (Vec<String>, usize) {
    let mut path = Vec::new();
    let mut place = start;
    let dollar = start.checked_sub(1).is_some_and(|before| is_punct(words.get(before), '$'));
    if let Some(TokenTree::Ident(word)) = words.get(place) {
        let word = word.to_string();
        path.push(if dollar && word != "crate" { format!("${word}") } else { word });
        place += 1;
    }
    while is_punct(words.get(place), ':') && is_punct(words.get(place + 1), ':') {
        let variable = is_punct(words.get(place + 2), '$');
        let Some(TokenTree::Ident(word)) = words.get(place + 2 + usize::from(variable)) else { break };
        path.push(if variable { format!("${word}") } else { word.to_string() });
        place += 3 + usize::from(variable);
    }
    (path, place)
}
