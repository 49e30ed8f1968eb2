"""The pages of docs/adapters/, made from the manifests: `python -m … FOLDER` writes them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from crossdock.app.registry import Registry
from crossdock.ports import Can, Evidence, Manifest

_MADE = "<!-- Made from the adapter's manifest by `make docs`; changes here are lost. -->"


def adapter_pages(manifests: Iterable[Manifest]) -> dict[str, str]:
    """Return every page by its file name, the index included.

    A venue that names no code which proves a refusal claims nothing that would fill a
    page: the index alone lists it.
    """
    ordered = sorted(manifests, key=lambda each: (each.kind, each.id))
    pages = {f"{_stem(each)}.md": _page(each) for each in ordered if _has_page(each)}
    rows = [
        f"| {_titled(each)} | {each.kind} | `{each.id}` | {each.tier} "
        f"| {'yes' if each.real_money else 'no'} |"
        for each in ordered
    ]
    pages["README.md"] = _joined(
        _MADE,
        "# Adapters",
        "`crossdock adapters` lists those installed here, other packages' included.",
        _table(("name", "kind", "id", "tier", "real money"), rows),
    )
    return pages


def _has_page(manifest: Manifest) -> bool:
    is_foreign = manifest.kind == "venue" and bool(manifest.requires)
    return bool(manifest.rejection_codes) or not is_foreign


def _titled(manifest: Manifest) -> str:
    if _has_page(manifest):
        return f"[{manifest.name}]({_stem(manifest)}.md)"
    return manifest.name


def _stem(manifest: Manifest) -> str:
    return f"{manifest.kind}-{manifest.id}"


def _page(manifest: Manifest) -> str:
    facts = [
        f"- Kind: {manifest.kind}, id `{manifest.id}`, status {manifest.status}",
        f"- Documentation: {_link(manifest.docs_url)}",
        f"- Tier: {_tier(manifest)}; real money: {'yes' if manifest.real_money else 'no'}",
    ]
    if manifest.requires:
        facts.append(f"- Needs: {_codes(manifest.requires)}")
    if manifest.countries_refused:
        facts.append(f"- Refuses customers of: {', '.join(manifest.countries_refused)}")
    return _joined(
        _MADE,
        f"# {manifest.name}",
        "\n".join(facts),
        *_keys(manifest),
        *_abilities(manifest),
        *_oddities(manifest),
        *_settings(manifest),
        *_evidence(manifest.evidence),
        *_limits(manifest),
        *_rejections(manifest),
    )


def _abilities(manifest: Manifest) -> Iterable[str]:
    if manifest.can:
        yield "## What it can do"
        lines = [f"- Capabilities: {_codes(sorted(manifest.can))}"]
        if manifest.order_types:
            lines.append(f"- Order types: {_codes(sorted(manifest.order_types))}")
        if manifest.times_in_force:
            lines.append(f"- Times in force: {_codes(sorted(manifest.times_in_force))}")
        if manifest.contingencies:
            held = _codes(sorted(manifest.contingencies))
            lines.append(f"- Attached legs it holds: {held}, at most {manifest.most_legs}")
        if Can.SUBMIT in manifest.can:
            trims = "the venue itself trims" if manifest.reduce_only else "only we trim"
            lines.append(f"- Reduce-only orders: {trims} them to the position")
        yield "\n".join(lines)


def _keys(manifest: Manifest) -> Iterable[str]:
    if manifest.keys_url or manifest.keys_help:
        yield "## How to get keys"
        made = f"Made at {_link(manifest.keys_url)}." if manifest.keys_url else ""
        yield " ".join(filter(None, (made, manifest.keys_help)))


def _oddities(manifest: Manifest) -> Iterable[str]:
    if manifest.oddities:
        yield "## What may surprise you"
        yield "\n".join(f"- {' '.join(each.split())}" for each in manifest.oddities)


def _settings(manifest: Manifest) -> Iterable[str]:
    if manifest.settings:
        yield "## Settings"
        yield _table(
            ("name", "meaning", "default"),
            [
                f"| `{name}` | {_cell(setting.help)}"
                f"{': ' + _codes(setting.choices) if setting.choices else ''} | "
                f"{_default(setting.default)} |"
                for name, setting in manifest.settings.items()
            ],
        )


def _evidence(evidence: Evidence | None) -> Iterable[str]:
    if evidence:
        yield "## What the venue can prove about an order"
        rows = {
            "client order id": f"{evidence.client_id}, at most "
            f"{evidence.client_id_length} characters",
            "look-up": evidence.lookup,
            "ids are unique among": evidence.uniqueness,
            "done orders can be looked up for": _duration(evidence.retention_s),
            "a write can still arrive for": f"{evidence.arrival_horizon_s:g} s",
            "an accepted order shows after": f"{evidence.visibility_lag_s:g} s",
            "silence is doubt after": f"{evidence.silence_s:g} s",
            "a write in doubt is sent again": evidence.resend,
        }
        yield _table(("what", "value"), [f"| {k} | {v} |" for k, v in rows.items()])


def _limits(manifest: Manifest) -> Iterable[str]:
    if manifest.rate_limits:
        yield "## Rate limits"
        yield _table(
            ("scope", "calls", "in", "kept for cancels", "shared by"),
            [
                f"| {each.scope} | {each.calls} | {each.per_s:g} s | {each.reserve} "
                f"| {'one address' if each.per_address else 'one account'} |"
                for each in manifest.rate_limits
            ],
        )


def _rejections(manifest: Manifest) -> Iterable[str]:
    if manifest.rejection_codes:
        yield "## Codes that prove a refusal"
        yield "Every other failure of a write leaves it in doubt until evidence ends it."
        yield _table(
            ("code", "source"),
            [
                f"| `{code}` | {_cell(source)} |"
                for code, source in sorted(manifest.rejection_codes.items())
            ],
        )


def _link(address: str) -> str:
    """Link a page of the web, or one of our own, named from the repository's root."""
    if "://" in address:
        return f"<{address}>"
    return f"[{address}](../../{address})"


def _tier(manifest: Manifest) -> str:
    since = f", reached {manifest.tier_date}" if manifest.tier_date else ""
    return f"{manifest.tier}{since}"


def _table(heads: tuple[str, ...], rows: list[str]) -> str:
    rule = "|".join("---" for _ in heads)
    return "\n".join([f"| {' | '.join(heads)} |", f"|{rule}|", *rows])


def _duration(seconds: float) -> str:
    days = seconds / 86_400
    return f"{days:.0f} days" if days >= 2 else f"{seconds:g} s"


def _codes(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _default(value: str | None) -> str:
    if value is None:
        return "must be given"
    return f"`{value}`" if value else "empty"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _joined(*parts: str) -> str:
    return "\n\n".join(parts) + "\n"


def write_pages(folder: Path, registry: Registry) -> list[Path]:
    """Write the folder anew from what is installed; remove pages of adapters now gone."""
    pages = adapter_pages(registry.manifests())
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        if old.name not in pages:
            old.unlink()
    written = []
    for name, text in pages.items():
        path = folder / name
        path.write_text(text, "utf-8")
        written.append(path)
    return written


if __name__ == "__main__":
    for page in write_pages(Path(sys.argv[1]), Registry()):
        sys.stderr.write(f"{page}\n")
