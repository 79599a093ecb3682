"""What the page says."""

from __future__ import annotations

from collections.abc import Sequence

from mgpe_tf.data.images import MEGAPIXEL
from mgpe_tf.webapp.limits import Limits

TITLE = "Mien"

TAGLINE = "Edit a portrait: a smile, other hair, another face. Your photograph stays yours and stays here."

CONSENT = (
    "Edit photographs of people only with their consent, and say that a picture is edited. Results are marked "
    "as made with a trained model. Do not use this to deceive, harass or identify anyone."
)

DROP = "# Drop a portrait here\nor click to choose a photograph"

DROP_SECOND = "# Drop a second photograph\nwhose face, hair or beard you want"

DROP_ANOTHER = "# Drop another photograph\nin the place of this one"

TAKEN_FROM = "Taken from this face."

EXAMPLES = "### No photograph at hand? Try one of these"

SAMPLE = "### What comes out"

SAMPLE_SAYS = "Two clicks: hair colour and fuller hair. All else is unchanged."

PARTS = {"haircut": "Haircut", "hair_colour_from": "Hair colour", "beard": "Beard", "swap_face": "Swap face"}
"""What is taken of a second photograph by one click, by the names of ``quick.LABELS``."""

PANELS = {"edits": "Edits", "combine": "Combine with another photo", "paint": "Paint", "more": "More"}
"""What controls there are, by name."""

NEEDS_SECOND = "open a second photograph first"

FOR_WISH = {
    "haircut": "Open a photograph of somebody whose haircut you want: it is put on at once.",
    "hair_colour_from": "Open a photograph of somebody whose hair colour you want: it is taken at once.",
    "beard": "Open a photograph of somebody whose beard you want, or whose shaven chin: it is taken at once.",
    "swap_face": "Open a photograph of the face that you want: it is swapped at once.",
}
"""What is said when an edit is asked for that needs a second photograph."""

COMPONENTS = {
    "hair": "Hair",
    "skin": "Skin and brows",
    "beard": "Beard alone",
    "left_eye": "Left eye",
    "right_eye": "Right eye",
    "mouth": "Mouth",
}
"""What appearances are taken of, by component; left is as you see it."""

RESTORABLE = {
    "": "Everything",
    "hair": "Hair",
    "face": "Skin",
    "brows": "Brows",
    "eyes": "Eyes",
    "nose": "Nose",
    "mouth": "Mouth",
}
"""What of the mask is given back, by ``replace.RESTORABLE``; "" is all."""

REPLACEABLE = {
    "hair": "Hair",
    "face": "Face below the eyes",
    "brows": "Brows",
    "eyes": "Eyes",
    "nose": "Nose",
    "mouth": "Mouth",
}
"""What of the mask is taken from the second photograph, by ``replace.REPLACEABLE``."""

BLENDS = {"feather": "Soft", "poisson": "By gradients (Poisson)"}
"""How an edited region meets the rest, by ``paste.BLENDS``."""

AMOUNTS = {
    "smile": ("Smile", "sadder", "happier"),
    "open_mouth": ("Open mouth", "closed", "open"),
    "eye_size": ("Eyes", "smaller", "bigger"),
    "raise_brows": ("Brows", "lower", "higher"),
    "nose_size": ("Nose", "smaller", "bigger"),
    "face_width": ("Face width", "slimmer", "wider"),
    "hair_length": ("Hair length", "shorter", "longer"),
    "hair_volume": ("Hair volume", "flatter", "fuller"),
}
"""What the sliders are called, and what they do at -100 and at 100, by ``edits.EDITS``."""

NOT_EDITED = "Nothing is edited yet: click an edit."

UNCHANGED = "The picture is as it was."

KEPT = "What you did not edit is unchanged."

DRAWING = "Drawing…"

OPENING = "Opening the photograph…"

DELETED = "Your photographs are deleted."

COPIED = "Copied: paste it where you like."

NOT_COPIED = "Your browser did not allow it: download the picture instead."


def privacy(limits: Limits) -> str:
    """What becomes of the photographs."""
    return (
        "Photographs stay on this server, in a folder of its own, and are deleted when the page is closed or after "
        f"{limits.session_minutes:g} minutes without use. At most {limits.max_megabytes} MB and "
        f"{limits.max_pixels / MEGAPIXEL:g} megapixels each."
    )


def drawn(seconds: float, notices: Sequence[str]) -> str:
    """How long the result took, and what the user should know of it."""
    first = [] if {NOT_EDITED, UNCHANGED} & {*notices} else [f"Done in {seconds:.2f} s. {KEPT}"]
    return "\n\n".join([*first, *map(labelled, notices)])


def labelled(notice: str) -> str:
    """A notice about the amount of an edit, which names the slider as the page does."""
    name, _, told = notice.partition(": ")
    return f"{AMOUNTS[name][0]}: {told}" if name in AMOUNTS else notice


def several_faces(number: int, count: int, edited: Sequence[int] = ()) -> str:
    """Which of several faces is taken, that the user may choose another, and which others have edits; nothing if there
    is one."""
    if count == 1:
        return ""
    taken = f"{count} faces: number {number} from the left is taken. Choose another one here."
    if not edited:
        return taken
    names = " and ".join(f"face {other}" for other in edited)
    return (
        f"{taken}\n\nWhat you did to {names} is kept, but a picture has the edits of one face. For those of all, "
        "download this picture, open it and edit the next face."
    )


def of_variety(wrong: Sequence[str], several: Sequence[str]) -> str:
    """Which photographs are not in a picture of several, and why, and which face was taken of those with several."""
    return "\n\n".join([*(f"Left out: {line}" for line in wrong), *several])
