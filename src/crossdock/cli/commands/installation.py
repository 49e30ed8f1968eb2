"""`adapters` and `doctor`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from crossdock.app.nearest import nearest
from crossdock.app.registry import Registry
from crossdock.app.settings.adapter_table import SECTIONS, adapter_table
from crossdock.cli.commands.options import AsJson
from crossdock.cli.exit_codes import ExitCode
from crossdock.cli.invocation import invocation_of
from crossdock.cli.output import cell, console, emit_json, show_rows
from crossdock.errors import ConfigError
from crossdock.ports import Manifest


def add_to(application: typer.Typer) -> None:
    application.command()(adapters)
    application.command()(doctor)


def adapters(
    name: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One adapter, in full.")
    ] = None,
    toml: Annotated[
        bool,
        typer.Option("--toml", help="Print its table of the settings, to paste and fill."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the adapters installed here, or tell all about one. Runs no venue's code."""
    registry = Registry()
    if toml:
        _print_table(registry, name, as_json=as_json)
        return
    if name is not None:
        found = _described(_manifest(registry, name))
        if as_json:
            emit_json(found)
        else:
            _show_one(found)
        return
    rows = [_brief(manifest) for manifest in registry.manifests()]
    broken = [
        {"kind": each.kind, "id": each.entry_point, "reason": each.reason}
        for each in registry.broken()
    ]
    if as_json:
        emit_json({"adapters": rows, "broken": broken})
        return
    show_rows(
        rows, ("kind", "id", "name", "tier", "real_money", "status"), empty="no adapters"
    )
    for each in broken:
        console().print(
            f"{each['kind']} {each['id']} does not load: {each['reason']}", style="red"
        )


def _print_table(registry: Registry, name: str | None, *, as_json: bool) -> None:
    if name is None:
        raise typer.BadParameter("--toml is of one adapter: name it")
    text = adapter_table(_manifest(registry, name))
    if as_json:
        emit_json({"toml": text})
    else:
        sys.stdout.write(text)


def _manifest(registry: Registry, name: str) -> Manifest:
    for manifest in registry.manifests():
        if manifest.id == name:
            return manifest
    for broken in registry.broken():
        if broken.entry_point == name:
            return registry.manifest(broken.kind, name)  # raises, and says why
    family, _, member = name.rpartition(":")
    reasons = [
        it.reason
        for it in registry.broken()
        if family == it.entry_point or (not family and f"/{member}." in it.reason)
    ]
    meant = nearest(name, [manifest.id for manifest in registry.manifests()])
    raise ConfigError(
        f"there is no adapter called {name}",
        code="adapter-unknown",
        hint="; ".join(reasons)
        or (f"did you mean {meant}?" if meant else "`crossdock adapters` lists them"),
    )


def _brief(manifest: Manifest) -> dict[str, Any]:
    return {
        "kind": manifest.kind,
        "id": manifest.id,
        "name": manifest.name,
        "tier": str(manifest.tier),
        "real_money": manifest.real_money,
        "status": str(manifest.status),
    }


def _described(manifest: Manifest) -> dict[str, Any]:
    evidence = manifest.evidence
    return {
        **_brief(manifest),
        "docs_url": manifest.docs_url,
        "can": sorted(manifest.can),
        "order_types": sorted(manifest.order_types),
        "times_in_force": sorted(manifest.times_in_force),
        "settings": {
            name: {
                "help": setting.help,
                "default": setting.default,
                "choices": list(setting.choices),
            }
            for name, setting in manifest.settings.items()
        },
        "evidence": None
        if evidence is None
        else {
            "client_id": str(evidence.client_id),
            "lookup": str(evidence.lookup),
            "uniqueness": str(evidence.uniqueness),
            "retention_s": evidence.retention_s,
            "arrival_horizon_s": evidence.arrival_horizon_s,
            "visibility_lag_s": evidence.visibility_lag_s,
            "silence_s": evidence.silence_s,
            "resend": str(evidence.resend),
        },
        "countries_refused": list(manifest.countries_refused),
    }


def _show_one(found: dict[str, Any]) -> None:
    plain = {k: v for k, v in found.items() if k not in ("settings", "evidence")}
    plain |= {f"evidence: {k}": v for k, v in (found["evidence"] or {}).items()}
    show_rows(
        [{"what": name.replace("_", " "), "value": v} for name, v in plain.items()],
        ("what", "value"),
        empty="nothing",
    )
    console().print()
    show_rows(
        [
            {
                "setting": name,
                "default": "must be given" if each["default"] is None else each["default"],
                "meaning": each["help"],
            }
            for name, each in found["settings"].items()
        ],
        ("setting", "default", "meaning"),
        empty="no settings",
    )
    if found["kind"] in SECTIONS:
        console().print()
        console().print(f"as a table to paste: crossdock adapters {found['id']} --toml")


def doctor(
    context: typer.Context,
    bundle: Annotated[
        Path | None,
        typer.Option(help="Write all of it, logs and last records to a ZIP, no secrets."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look at the machine, settings, journal and desk. Exits 5 when something is wrong."""
    from crossdock.app.care.doctor import Verdict, examine

    invocation = invocation_of(context)
    if bundle is not None:
        from crossdock.app.care.support import write_bundle

        names = write_bundle(invocation.settings_file, invocation.overrides, bundle)
        if as_json:
            emit_json({"bundle": str(bundle), "parts": names})
        else:
            console().print(f"{bundle}: {', '.join(names)}", markup=False)
        return
    found = examine(invocation.settings_file, invocation.overrides)
    rows = [
        {
            "about": each.about,
            "verdict": str(each.verdict),
            "words": each.words,
            "advice": each.advice,
        }
        for each in found
    ]
    bad = sum(each.verdict is Verdict.BAD for each in found)
    if as_json:
        emit_json({"problems": bad, "findings": rows})
    else:
        out = console()
        for row in rows:
            out.print(cell(f"{row['verdict']:<5}"), f"{row['about']}: {row['words']}")
            if row["advice"]:
                out.print(f"       {row['advice']}", style="dim")
        out.print(f"{bad} problems" if bad else "no problems")
    if bad:
        raise typer.Exit(ExitCode.DOUBT)
