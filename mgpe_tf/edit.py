"""Edits portraits: shapes by their masks, appearances by other photographs.

  python -m mgpe_tf.edit swap --target=me.jpg --source=friend.jpg --nohair --output=swapped.png
  python -m mgpe_tf.edit transfer --target=me.jpg --source=friend.jpg --component=hair,mouth --output=hair.png
  python -m mgpe_tf.edit transfer --target=me.jpg --source=friend.jpg --component=hair --replace=hair --output=cut.png
  python -m mgpe_tf.edit transfer --target=me.jpg --source=friend.jpg --component=beard --output=beard.png
  python -m mgpe_tf.edit shape --target=me.jpg --amounts=smile=0.6,open_mouth=0.4 --output=smile.png
  python -m mgpe_tf.edit shape --target=me.jpg --dye=#7a2e1a --output=auburn.png
  python -m mgpe_tf.edit shape --target=me.jpg --replace=nose --source=friend.jpg --output=nose.png
  python -m mgpe_tf.edit crop --target=me.jpg --output=portrait.png
  python -m mgpe_tf.edit mask --target=me.jpg --mask=painted.png --output=painted_me.png
  python -m mgpe_tf.edit generate --target=me.jpg --source=a.jpg --source=b.jpg --output=variety.png
  python -m mgpe_tf.edit interpolate --target=me.jpg --source=friend.jpg --component=hair --output=strip.png
  python -m mgpe_tf.edit interpolate --target=me.jpg --source=friend.jpg --steps=20 --output=there_and_back.gif
  python -m mgpe_tf.edit video --target=me.mp4 --source=friend.jpg --component=hair --output=hair.mp4
  python -m mgpe_tf.edit replay swapped.png --inputs=me.jpg --inputs=friend.jpg --output=again.png
  python -m mgpe_tf.edit verify swapped.png --inputs=me.jpg --inputs=friend.jpg

--target is the photograph that is edited: its shape and background stay. --source is whose appearance is taken; it is
repeated for several. Faces are found and aligned; --aligned says that the photographs are square portraits framed as
the training data already. The result is as large as the target, and outside the edited region bit for bit the same
(generate and interpolate give aligned portraits instead; a source of generate that is unfit costs a line and exit code
2, the others are used). With --replace the shape of hair or features is the source's, too: --replace=hair makes of a
colour a haircut. --component=beard takes moustache, beard and whiskers, or a shaven chin, in the target's skin tone and
light; all other pixels stay. --keep_tone says how much of the target's skin tone and light a taken face keeps,
--keep_detail how much of the photographs' strands, irises and teeth is shown, which the networks do not generate.
Amounts of shape are from -1 to 1, of face_width, hair_volume, hair_length, nose_size, raise_brows, eye_size,
left_eye_size, right_eye_size, smile and open_mouth.

crop writes the aligned portrait, its mask (portrait_mask.png: ids, looks black) and the mask in colours
(portrait_preview.png, whose indices are the ids): paint on a mask and give it to mask.

video edits one face, by --component with --source, by --amounts, or both: the one of --face in the first frame that has
it, which is then followed; frames without it stay as they are. Every frame is edited by itself: there is no temporal
model. Sound, times, size, turn and colours are kept, marks are not made. --crf is the quality.

Pictures carry marks: that they were made with a trained model, and the recipe, from which replay makes them again. Edit
photographs of people only with their consent, and say that the picture is edited.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from absl import flags
from tqdm import tqdm

from mgpe_tf import cli, words
from mgpe_tf.data import masks
from mgpe_tf.data.images import encode_label, encode_png, encode_preview
from mgpe_tf.editing.masks import edits
from mgpe_tf.editing.masks.replace import REPLACEABLE
from mgpe_tf.editing.operations import (
    SWAPPED,
    Animate,
    Carry,
    Dye,
    FaceOf,
    Keep,
    Open,
    Operation,
    Render,
    Replace,
    SetMask,
    Shape,
    Strip,
    Take,
    Variety,
    parse,
)
from mgpe_tf.editing.photograph import Photograph
from mgpe_tf.editing.state import APPEARANCES
from mgpe_tf.editing.video.input import VideoInput
from mgpe_tf.editing.video.output import CRF as GOOD
from mgpe_tf.editing.video.output import MAX_CRF
from mgpe_tf.errors import UserError
from mgpe_tf.models.shipped import EDITOR, PARSER, model_path
from mgpe_tf.provenance import encoding, marks, recipe, verification
from mgpe_tf.provenance.signing import Signer
from mgpe_tf.quiet import import_tensorflow
from mgpe_tf.storage.files import is_there, write_together
from mgpe_tf.words import Word

if TYPE_CHECKING:
    from mgpe_tf.data.detection import Choice
    from mgpe_tf.editing.portrait_editor import PortraitEditor
    from mgpe_tf.editing.session import Session

TARGET = flags.DEFINE_string("target", None, "Photograph that is edited.")
SOURCE = cli.define_files("source", "Photograph whose appearance is taken.")
COMPONENT = cli.define_names("component", [], "left_eye, right_eye, eyes, mouth, skin, beard, hair, face or all.")
HAIR = flags.DEFINE_bool("hair", True, "With the hair.")
STRENGTH = cli.define_field(Take, "strength")
AMOUNTS = cli.define_names("amounts", [], "NAME=AMOUNT, from -1 to 1.")
REPLACE = cli.define_names("replace", [], "Components of the mask taken from the source's.")
MASK = flags.DEFINE_string("mask", None, "Ids as gray levels, or the legend's colours; square, of any size.")
STEPS = cli.define_field(Strip, "steps")
FACE = cli.define_field(FaceOf, "face", more=", of the target's faces")
SOURCE_FACE = cli.define_field(FaceOf, "face", "source_face", more=", of the sources' faces")
ALIGNED = flags.DEFINE_bool("aligned", False, "All photographs are aligned portraits.")
KEEP_TONE = cli.define_field(Keep, "tone", "keep_tone", default=None, more=f"; none: {SWAPPED.tone:g} in swap, else 0")
KEEP_DETAIL = cli.define_field(Keep, "detail", "keep_detail")
CARRY = cli.define_field(Carry, "amount", "carry")
DYE = cli.define_field(Dye, "colour", "dye", default=None)
DYE_STRENGTH = cli.define_field(Dye, "strength", "dye_strength")
BLEND = cli.define_field(Render, "blend")
MODEL = flags.DEFINE_string("model", None, f"Run folder or exported folder of an editor; none: saved_models/{EDITOR}.")
PARSER_MODEL = flags.DEFINE_string("parser", None, f"Parser; none: saved_models/{PARSER}.")
INPUTS = cli.define_files("inputs", "Input of the recipe, in any order.")
OUTPUT = flags.DEFINE_string(
    "output", None, "Picture to write: .png or .jpg; an animation of interpolate: .gif; a video: .mp4."
)
CRF = flags.DEFINE_integer("crf", GOOD, "Quality, from 0 (without loss) to 51 (worst).", 0, MAX_CRF)
OVERWRITE = flags.DEFINE_bool("overwrite", False, "Replace the output if it is there.")
NO_PROVENANCE = flags.DEFINE_bool("no_provenance", False, "Write the picture without marks and recipe.")
CERTIFICATES = flags.DEFINE_string("certificates", None, "Signs the picture (C2PA): PEM file with your chain.")
PRIVATE_KEY = flags.DEFINE_string("private_key", None, "PEM file with the key of --certificates.")


def amount_for(word: str) -> str:
    """The remedy for an unknown word that looks like an amount of shape: a command; "" if it looks like none."""
    for name in difflib.get_close_matches(word, [*WORDS, *edits.EDITS], n=1):
        if name in edits.EDITS:
            photo, output = TARGET.value or "me.jpg", OUTPUT.value or f"{name}.png"
            command = f"python -m mgpe_tf.edit shape --target={photo} --amounts={name}=0.6 --output={output}"
            return f"{name} is an amount of shape: {command}"
    return ""


def edit(operations: Callable[[], list[Operation]]) -> int:
    """Carries out the operations that `operations` makes of the flags, on the photographs of the flags."""
    steps = operations()
    output = new_output()
    format = format_for(output, steps)
    photographs = [Photograph.read(path_of(TARGET), "target")]
    photographs += [Photograph.read(Path(path), "source") for path in SOURCE.value]
    signer = new_signer()
    write_edit(output, format, *load(), photographs, steps, signer)
    return 0


def write_edit(
    output: Path,
    format: str,
    editor: PortraitEditor,
    models: Sequence[recipe.Model],
    photographs: Sequence[Photograph],
    steps: Sequence[Operation],
    signer: Signer | None,
) -> None:
    """Writes what operations make of photographs, the target first; see ``files.make``."""
    from mgpe_tf.editing import files

    report_credentials(photographs)
    opened = Open(face(0, FACE.value))
    steps = [fitting(step, editor.resolution) if isinstance(step, SetMask) else step for step in steps]
    notices: list[str] = []

    def told(face: FaceOf, choice: Choice) -> None:
        tell(photographs[face.input].path, SOURCE_FACE if face.input else FACE, choice)

    marked = not NO_PROVENANCE.value
    made = files.make(editor, models, photographs, [opened, *steps], format, marked, signer, notices, told)
    note(notices)
    print(*encoding.write(output, made), sep="\n")


def note(notices: Iterable[str]) -> None:
    """Says what a user should know of an edit."""
    for line in notices:
        tqdm.write(f"note: {line}", file=sys.stderr)  # above the bar of a video


def tell(path: Path, flag: flags.FlagHolder, choice: Choice | None) -> None:
    """Says that a photograph shows further faces, if the user did not choose one by the flag."""
    if choice and not flags.FLAGS[flag.name].present and (line := choice.told(str(path), f"--{flag.name}=")):
        note([line])


def swap() -> list[Operation]:
    """The source's appearance on the target's mask."""
    return [*replaced(), Take("all" if HAIR.value else "face", the_source()), *dyed(), keep(SWAPPED.tone), *rendered()]


def transfer() -> list[Operation]:
    """The source's appearance of some components."""
    return [*replaced(), *taken(), *dyed(), keep(), *rendered()]


def shape() -> list[Operation]:
    """Another mask by amounts, or by components of the source's mask; dyed hair."""
    if not AMOUNTS.value and not REPLACE.value and not DYE.value:
        raise UserError(
            f"shape needs --amounts=NAME=AMOUNT,..., --dye=#RRGGBB, or --replace=COMPONENT with --source{cli.example()}"
        )
    return [*replaced(), *shaped(), *dyed(), keep(), *rendered()]


def mask() -> list[Operation]:
    """A mask that was edited elsewhere, and the source's appearance if there is one."""
    painted = SetMask(masks.read_mask(path_of(MASK)))  # brought to size by write_edit
    return [painted, *([Take("all", the_source())] if SOURCE.value else []), keep(), *rendered()]


def fitting(painted: SetMask, resolution: int) -> SetMask:
    """The mask of --mask at the editor's resolution."""
    return SetMask(masks.fitted(painted.mask, resolution, str(path_of(MASK))))


def generate() -> int:
    """The target's mask with the appearance of each source; a source that is unfit is told and left out."""
    output = new_output()
    format, signer, target = format_for(output, ()), new_signer(), Photograph.read(path_of(TARGET), "target")
    editor, models = load()
    from mgpe_tf.editing.several import read_fit

    def read(path: Path) -> tuple[Photograph, tuple[float, ...]]:
        photo = Photograph.read(path, "source")
        portrait = editor.read(photo.image, SOURCE_FACE.value, ALIGNED.value, str(path))
        tell(path, SOURCE_FACE, portrait.choice)
        return photo, tuple(portrait.alignment.matrix.ravel().tolist())

    found, wrong = read_fit(map(Path, SOURCE.value), read)
    for line in wrong:
        print(f"left out: {line}", file=sys.stderr)
    faces = [
        dataclasses.replace(face(number, SOURCE_FACE.value), matrix=matrix)
        for number, (_, matrix) in enumerate(found, start=1)
    ]
    photographs = [target, *(photo for photo, _ in found)]
    write_edit(output, format, editor, models, photographs, [keep(), Variety(tuple(faces))], signer)
    return 2 if wrong else 0


def interpolate() -> list[Operation]:
    """From the target's appearance to the source's, side by side or as an animation."""
    if len(COMPONENT.value) > 1:
        raise UserError(f"--component={','.join(COMPONENT.value)}: allowed for interpolate: one (face, all: several)")
    component = next(iter(components()), "all")
    kind = Animate if path_of(OUTPUT).suffix.lower() == ".gif" else Strip
    return [keep(), kind(component, the_source(), STEPS.value)]


def components() -> list[str]:
    """The names of --component; of a feature that has a shape alone the error says how that is taken."""
    shapes = {name: f": its shape is taken by edit shape --replace={name} --source=FILE" for name in REPLACEABLE}
    return cli.named(COMPONENT, APPEARANCES, shapes)


def taken() -> list[Operation]:
    """The components whose appearance is the source's."""
    return [Take(component, the_source(), STRENGTH.value) for component in components()]


def replaced() -> list[Operation]:
    """The components of the mask that are the source's."""
    return [Replace(component, the_source()) for component in cli.named(REPLACE, REPLACEABLE, {})]


def shaped() -> list[Operation]:
    """The scripted edits of the mask, if there are any."""
    return [Shape(dict(map(amount, AMOUNTS.value)))] if AMOUNTS.value else []


def dyed() -> list[Operation]:
    """The colour of the hair, if it is dyed."""
    return [Dye(DYE.value, DYE_STRENGTH.value)] if DYE.value else []


def keep(tone: float = Keep.tone) -> Keep:
    """The operation that keeps of the photographs; `tone` unless the flag says otherwise."""
    return Keep(tone if KEEP_TONE.value is None else KEEP_TONE.value, KEEP_DETAIL.value)


def rendered() -> list[Operation]:
    """The whole photograph, as much of it carried as the flag says."""
    return [Carry(CARRY.value), Render(BLEND.value)]


def the_source() -> FaceOf:
    """The face of the only source; UserError if there are none or several."""
    if len(words.given(SOURCE)) > 1:
        raise UserError(
            f"--source={' --source='.join(SOURCE.value)}: allowed here: one photograph; generate takes several"
        )
    return face(1, SOURCE_FACE.value)


def face(number: int, which: str) -> FaceOf:
    """A face of an input; of an aligned portrait there is but one."""
    return FaceOf(number, which, ALIGNED.value)


def amount(text: str) -> tuple[str, float]:
    """NAME=AMOUNT."""
    name, _, value = text.partition("=")
    try:
        number = float(value)
    except ValueError as error:
        raise UserError(f"--amounts: {text!r}; allowed: NAME=AMOUNT, as in smile=0.5") from error
    try:
        edits.check_amount(name, number)
    except UserError as error:
        raise UserError(f"--amounts: {error}") from error
    return name, number


def crop() -> int:
    """Writes the target's aligned portrait and its mask, ids and preview, to be painted on for ``mask``."""
    output = new_output()
    if output.suffix.lower() != ".png":
        raise UserError(f"--output={output}: portraits and masks are written as .png")
    files = {part: output.with_name(f"{output.stem}_{part}.png") for part in ("mask", "preview")}
    for file in files.values():
        if is_there(file) and not OVERWRITE.value:
            raise UserError(f"{file} is there already: choose another --output, or replace it by --overwrite")
    photo = Photograph.read(path_of(TARGET), "target")
    editor, _ = load()
    portrait = editor.read(photo.image, FACE.value, ALIGNED.value, str(photo.path))
    tell(photo.path, FACE, portrait.choice)
    write_together(
        {
            output: encode_png(portrait.alignment.crop(photo.image)),
            files["mask"]: encode_label(portrait.mask, str(files["mask"])),
            files["preview"]: encode_preview(portrait.mask, str(files["preview"])),
        }
    )
    print(output, *files.values(), sep="\n")
    return 0


def video() -> int:
    """Edits every frame of the target."""
    output, target = new_output(), path_of(TARGET)
    if output.suffix.lower() != ".mp4":
        raise UserError(f"--output={output}: videos are written as .mp4")
    steps = [*taken(), *shaped(), *dyed()]
    if not steps:
        raise UserError("video needs --component=NAME,... with --source, --amounts=NAME=AMOUNT,... or --dye=#RRGGBB")
    with VideoInput(target):
        pass  # its mistakes are told before the models are loaded
    sources = [Photograph.read(Path(path), "source") for path in SOURCE.value]
    editor, _ = load()
    from mgpe_tf.editing.recipes import Inputs
    from mgpe_tf.editing.video.edits import edit_video

    inputs = Inputs(
        editor,
        dict(enumerate(sources, start=1)),
        lambda face, choice: tell(sources[face.input - 1].path, SOURCE_FACE, choice),
    )
    resolved = [inputs.resolved(step) for step in [*steps, keep(), Carry(CARRY.value)]]
    notices: dict[str, None] = {}  # of all frames, in their order, each once

    def edit_frame(session: Session) -> np.ndarray:
        for operation in resolved:
            session.apply(operation)
        notices.update(dict.fromkeys(session.notices))
        return session.render(BLEND.value)

    told = functools.partial(tell, target, FACE)
    edited = edit_video(editor, target, output, edit_frame, FACE.value, CRF.value, told)
    note(notices)
    left = "left as it was" if edited.without == 1 else "left as they were"
    without = f"{edited.without} of them without the face, {left}" if edited.without else "all with the face"
    print(f"{output}: {edited.frames} frames, {without}; {'; '.join(edited.notes)}; no marks")
    return 0 if edited.whole else 2


def replay(arguments: list[str]) -> int:
    """Makes the picture of a recipe again and says whether it is the same."""
    if len(arguments) != 1:
        raise UserError(f"replay {' '.join(arguments)}: allowed: one picture or recipe; photographs: --inputs")
    output = new_output()
    import_tensorflow()
    from mgpe_tf.editing import files

    document = files.read_recipe(Path(arguments[0]))
    operations = parse(document.operations)
    format = format_for(output, operations)
    photographs = files.matched(document, (Photograph.read(Path(path), "target") for path in INPUTS.value))
    editor, models = load()
    files.check_models(document, models)
    made = files.make(editor, models, photographs, operations, format)
    print(*encoding.write(output, made), sep="\n")
    same = made.recipe is not None and made.recipe.output == document.output
    print(
        "bit for bit the picture of the recipe"
        if same
        else "NOT the picture of the recipe: made by another machine, version or format"
    )
    return 0 if same else 1


def verify(arguments: list[str]) -> int:
    """Prints what the marks of pictures are worth."""
    found = [verification.verify(path, INPUTS.value) for path in arguments]
    print("\n\n".join(one.text() for one in found))
    return 0 if all(one.ok for one in found) else 1


def load() -> tuple[PortraitEditor, tuple[recipe.Model, ...]]:
    """The editor of the flags, and what a recipe says of its models."""
    paths = {"editor": model_path("editor", MODEL.value), "parser": model_path("parser", PARSER_MODEL.value)}
    cli.begin_loading()
    from mgpe_tf.editing import files
    from mgpe_tf.editing.portrait_editor import PortraitEditor

    return PortraitEditor.load(paths["editor"], paths["parser"]), files.models_of(paths)


def format_for(output: Path, operations: Sequence[Operation]) -> str:
    """The format of the output; UserError for a picture as .gif, an animation as anything else, or a signed one."""
    format, animated = encoding.format_for(output), any(isinstance(each, Animate) for each in operations)
    if animated and format != "GIF":
        raise UserError(f"--output={output}: the recipe makes an animation; allowed: .gif")
    if format == "GIF" and not animated:
        raise UserError(f"--output={output}: an animation is made by interpolate alone; allowed here: .png, .jpg")
    if animated and CERTIFICATES.value:
        raise UserError(f"--certificates: {output} cannot be signed; allowed: .png, .jpg")
    return format


def report_credentials(photographs: Sequence[Photograph]) -> None:
    """Says which inputs carry Content Credentials, which an edit does not carry on."""
    for photo in photographs:
        if marks.read_marks(photo.data, str(photo.path)).has_c2pa:
            print(f"{photo.path} carries Content Credentials (C2PA); the result does not carry them on")


def new_output() -> Path:
    """The file to write; see ``cli.new_file``."""
    return cli.new_file(path_of(OUTPUT), OVERWRITE.value)


def new_signer() -> Signer | None:
    """The signer; UserError if half of it is given, or nothing could be signed."""
    if not CERTIFICATES.value and not PRIVATE_KEY.value:
        return None
    signer = Signer(path_of(CERTIFICATES), path_of(PRIVATE_KEY))
    if NO_PROVENANCE.value:
        raise UserError("--certificates with --no_provenance: a signature is provenance; leave one of them out")
    return signer


def path_of(holder: flags.FlagHolder[str | None]) -> Path:
    """The file that a flag names; UserError if it was not given."""
    return Path(words.given(holder))


FACES = (FACE, ALIGNED, MODEL, PARSER_MODEL, OVERWRITE)
FROM_SOURCE = (SOURCE_FACE, KEEP_TONE)
DYEING = (DYE, DYE_STRENGTH)
PICTURE = (KEEP_DETAIL, NO_PROVENANCE, CERTIFICATES, PRIVATE_KEY)

WORDS = {
    "swap": Word(
        functools.partial(edit, swap),
        "The face of a source on the target's shape, with the colours of its hair unless --nohair.",
        needs=(TARGET, SOURCE, OUTPUT),
        takes=(HAIR, REPLACE, *DYEING, CARRY, BLEND, *FROM_SOURCE, *FACES, *PICTURE),
    ),
    "transfer": Word(
        functools.partial(edit, transfer),
        "Some components' appearance from a source.",
        needs=(TARGET, SOURCE, COMPONENT, OUTPUT),
        takes=(STRENGTH, REPLACE, *DYEING, CARRY, BLEND, *FROM_SOURCE, *FACES, *PICTURE),
    ),
    "shape": Word(
        functools.partial(edit, shape),
        "Another shape, by amounts or by components of a source's mask, or dyed hair.",
        needs=(TARGET, OUTPUT),
        takes=(AMOUNTS, *DYEING, REPLACE, SOURCE, SOURCE_FACE, CARRY, BLEND, *FACES, *PICTURE),
    ),
    "mask": Word(
        functools.partial(edit, mask),
        "A mask that was painted, and a source's appearance if there is one.",
        needs=(TARGET, MASK, OUTPUT),
        takes=(SOURCE, CARRY, BLEND, *FROM_SOURCE, *FACES, *PICTURE),
    ),
    "generate": Word(
        generate,
        "Aligned portraits of the target's shape in the appearances of several sources, side by side.",
        needs=(TARGET, SOURCE, OUTPUT),
        takes=(*FROM_SOURCE, *FACES, *PICTURE),
    ),
    "interpolate": Word(
        functools.partial(edit, interpolate),
        "Aligned portraits from the target's appearance to a source's, side by side or as an animation.",
        needs=(TARGET, SOURCE, OUTPUT),
        takes=(COMPONENT, STEPS, *FROM_SOURCE, *FACES, *PICTURE),
    ),
    "crop": Word(crop, "The aligned portrait and its mask, to be painted on.", needs=(TARGET, OUTPUT), takes=FACES),
    "video": Word(
        video,
        "One face of a video, by --component with --source, by --amounts, or both.",
        needs=(TARGET, OUTPUT),
        takes=(COMPONENT, SOURCE, STRENGTH, AMOUNTS, *DYEING, BLEND, CRF, *FROM_SOURCE, *FACES, KEEP_DETAIL, CARRY),
    ),
    "replay": Word(
        replay,
        "The picture of a recipe made again.",
        needs=(OUTPUT,),
        takes=(INPUTS, MODEL, PARSER_MODEL, OVERWRITE),
        arguments="FILE",
    ),
    "verify": Word(verify, "What the marks of pictures are worth.", takes=(INPUTS,), arguments="FILE ..."),
}
"""The things that can be done, by the word on the command line."""

COMMON = (TARGET, SOURCE, OUTPUT, *FACES)
"""The flags that most words take."""


if __name__ == "__main__":
    words.run(WORDS, COMMON, amount_for)
