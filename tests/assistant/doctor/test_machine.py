"""The model for a machine: by graphics memory first, then by memory, and none where none answers well."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.doctor.machine import GB, Machine, _amd, proposal_for, this_machine, written

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("machine", "model"),
    [
        (Machine(64 * GB, 24_564 * MIB), "qwen3.6:27b"),  # a card sold as 24 GB
        (Machine(64 * GB, 48 * GB), "qwen3.6:27b"),
        (Machine(16 * GB, 8_188 * MIB), "qwen3.5:9b"),  # a card sold as 8 GB
        (Machine(16 * GB, 12 * GB), "qwen3.5:9b"),
        (Machine(16 * GB, 6 * GB), "qwen3.5:4b"),
        (Machine(16 * GB), "qwen3.5:4b"),
        (Machine(8 * GB), "qwen3.5:4b"),
        (Machine(0), "qwen3.5:4b"),  # a system that does not tell
        (Machine(4 * GB), None),
    ],
)
def test_the_largest_model_that_fits_is_proposed(machine: Machine, model: str | None) -> None:
    proposal = proposal_for(machine)
    assert (proposal.model if proposal else None) == model


def test_this_machine_tells_its_memory() -> None:
    pages = Path("/proc/meminfo")
    if not pages.exists():
        pytest.skip("no /proc/meminfo on this system")
    total = int(pages.read_text("ascii").split()[1]) * 1024
    assert this_machine().memory == pytest.approx(total, rel=0.01)


def test_the_largest_amd_card_counts_and_unreadable_ones_do_not(tmp_path: Path) -> None:
    for card, said in (("card0", "8573157376\n"), ("card1", "17163091968\n"), ("card2", "")):
        folder = tmp_path / card / "device"
        folder.mkdir(parents=True)
        (folder / "mem_info_vram_total").write_text(said, "ascii")
    assert _amd(tmp_path) == 17_163_091_968
    assert _amd(tmp_path / "none") == 0


def test_sizes_are_written_as_people_say_them() -> None:
    assert [written(size) for size in (3_400_000_000, 17 * GB, 0)] == ["3.4 GB", "17 GB", "0.0 GB"]
