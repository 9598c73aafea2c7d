"""A text that is repeated without end costs no more than one that is repeated often."""

from aggregator.stories.copies import MOST_COPIES, Twins, signatures

WORDS = [f"word{number}" for number in range(200)]


def test_of_a_text_repeated_without_end_the_latest_are_compared():
    twins, told = Twins(), signatures(WORDS, WORDS[:40])
    for number in range(3 * MOST_COPIES):
        twins.remember(f"{number:04}", told)
    found = [one for _, one in twins.find(told)]
    assert found == [f"{number:04}" for number in range(2 * MOST_COPIES, 3 * MOST_COPIES)]
