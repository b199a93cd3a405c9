"""Trajectories of people who walk about a place: they enter, cross it, stop, meet, leave, and enter again elsewhere.

A simulation in small steps of time, numpy only. It depends only on its arguments and the generator, so every
process that draws a part of a film can run it whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Spots = Floats

STEP = 0.04
"""The longest step of the simulation, seconds."""
MIN_DISTANCE = 0.5
"""The least distance of two people, metres from middle to middle."""
PASSING_DISTANCE = 0.75
"""The distance at which people prefer to pass each other, metres."""
LOOK_AHEAD = 3.0
"""How far ahead people foresee collisions, seconds."""
ACCELERATION, TURN_RATE = 1.6, 2.4
"""The greatest acceleration (metres per second squared) and turn rate (radians a second)."""
ARRIVED = 0.35
"""The distance at which a goal counts as reached, metres."""
AWAY_SECONDS = (1.5, 5.0)
"""How long a person stays away, seconds: least and most."""
PAUSE_SECONDS = (1.5, 4.5)
"""How long a person stands, seconds: least and most."""
STOP_SHARE = 0.35
"""How often a person stands at a goal."""
NEXT_CAMERA_SHARE = 0.55
"""How often the next goal is in view of the next camera."""
WAIT_SECONDS = 6.0
"""How long a person waits for a partner, seconds."""
CANDIDATE_ANGLES = np.radians([0, 14, -14, 28, -28, 45, -45, 65, -65, 90, -90])
"""Candidate directions relative to the goal's; the right comes before the left, as most people pass on that side."""


@dataclass(frozen=True, eq=False)
class Ground:
    """The walkable ground: a rectangle around the origin, half sizes (2,).

    exits: (E, 2) where people come and go; sights: for each camera, spots (S, 2) that it sees well.
    """

    half: Floats
    exits: Spots
    sights: tuple[Spots, ...]


@dataclass(frozen=True, eq=False)
class Paths:
    """The paths of N people over T frames.

    present: (T, N); position: (T, N, 2) metres; yaw: (T, N) radians, 0 faces -Y; speed: (T, N) metres a second; walked:
    (T, N) metres since the beginning; visit: (T, N) how often the person has come in before.
    """

    present: NDArray[np.bool_]
    position: Floats
    yaw: Floats
    speed: Floats
    walked: Floats
    visit: NDArray[np.int64]


@dataclass(eq=False)
class Walker:
    """The state of one person in the simulation.

    goals: (place, seconds to stand there, number of the person to meet there) each, the last one an exit. aside: the
    last chosen direction, relative to the goal's. until: the time at which standing or being away ends.
    """

    pace: float
    position: Floats
    yaw: float = 0.0
    speed: float = 0.0
    walked: float = 0.0
    present: bool = False
    visit: int = -1
    until: float = 0.0
    aside: float = 0.0
    standing: bool = False
    goals: list[tuple[Floats, float, int | None]] | None = None


def simulate(rng: np.random.Generator, ground: Ground, paces: Sequence[float], frames: int, fps: float) -> Paths:
    """Simulate the paths of people who walk about a place.

    paces: (N,) each person's speed, metres a second. At the first frame about two in three are present. A person who
    leaves comes back through another exit. No two are ever nearer than MIN_DISTANCE.
    """
    simulation = Simulation(rng, ground, paces)
    steps = max(1, int(np.ceil(1 / (fps * STEP))))
    shape = (frames, len(paces))
    paths = Paths(
        present=np.zeros(shape, bool),
        position=np.zeros((*shape, 2)),
        yaw=np.zeros(shape),
        speed=np.zeros(shape),
        walked=np.zeros(shape),
        visit=np.zeros(shape, np.int64),
    )
    for frame in range(frames):
        for number, one in enumerate(simulation.walkers):
            paths.present[frame, number] = one.present
            paths.position[frame, number] = one.position
            paths.yaw[frame, number] = one.yaw
            paths.speed[frame, number] = one.speed
            paths.walked[frame, number] = one.walked
            paths.visit[frame, number] = max(one.visit, 0)
        for _ in range(steps):
            simulation.step(1 / (fps * steps))
    return paths


class Simulation:
    """The state of the simulation: all walkers and the time."""

    def __init__(self, rng: np.random.Generator, ground: Ground, paces: Sequence[float]) -> None:
        self.rng, self.ground, self.time = rng, ground, 0.0
        self.walkers: list[Walker] = []
        for number, pace in enumerate(paces):
            one = Walker(float(pace), ground.exits[rng.integers(len(ground.exits))].copy())
            self.walkers.append(one)
            if number == 0 or rng.random() < 2 / 3:
                self.place_inside(number)
            else:
                one.until = float(rng.uniform(0.5, AWAY_SECONDS[1]))

    def place_inside(self, number: int) -> None:
        """Put a person inside the place at the start, away from all others."""
        one = self.walkers[number]
        for _ in range(100):
            one.position = self.sample_seen_spot(number % len(self.ground.sights))
            if self.clearance(number, one.position) > 2 * MIN_DISTANCE:
                self.enter(number)
                one.speed = one.pace
                return
        one.position = self.ground.exits[0].copy()

    def clearance(self, number: int, spot: Floats) -> float:
        """Measure the metres from a spot to the nearest person other than `number`."""
        others = [one.position for k, one in enumerate(self.walkers) if k != number and one.present]
        return min((float(np.hypot(*(spot - other))) for other in others), default=np.inf)

    def enter(self, number: int) -> None:
        """Let a person come in with goals, mostly before one camera after the other, then an exit.

        Sometimes they are to meet another person at the first goal.
        """
        one, rng = self.walkers[number], self.rng
        one.present, one.standing, one.visit, one.speed = True, False, one.visit + 1, 0.6 * one.pace
        camera = int(rng.integers(len(self.ground.sights))) if self.time else number % len(self.ground.sights)
        goals: list[tuple[Floats, float, int | None]] = []
        for _ in range(int(rng.integers(0, 3)) if self.time == 0 else int(rng.integers(1, 4))):
            goals.append(
                (
                    self.sample_seen_spot(camera),
                    float(rng.uniform(*PAUSE_SECONDS)) if rng.random() < STOP_SHARE else 0.0,
                    None,
                )
            )
            camera = (camera + int(rng.random() < NEXT_CAMERA_SHARE)) % len(self.ground.sights)
        free = [k for k, other in enumerate(self.walkers) if k != number and other.goals and not other.standing]
        if goals and free and rng.random() < 0.4:
            self.arrange_meeting(number, int(rng.choice(free)), goals)
        last = goals[-1][0] if goals else one.position
        far = np.hypot(*(self.ground.exits - last).T)
        door = self.ground.exits[rng.choice(np.argsort(far)[: max(1, len(far) - 1)])]
        one.goals = [*goals, (door.copy(), 0.0, None)]
        one.yaw = yaw_of(one.goals[0][0] - one.position)

    def arrange_meeting(self, number: int, other: int, goals: list[tuple[Floats, float, int | None]]) -> None:
        """Let two people meet at the first one's first goal."""
        spot, angle = goals[0][0], self.rng.uniform(0, np.pi)
        aside = 0.5 * np.array([np.cos(angle), np.sin(angle)])
        seconds = float(self.rng.uniform(*PAUSE_SECONDS))
        goals[0] = (self.clip_inside(spot + aside), seconds, other)
        theirs = self.walkers[other].goals
        assert theirs is not None
        theirs.insert(0, (self.clip_inside(spot - aside), seconds, number))

    def sample_seen_spot(self, camera: int) -> Floats:
        """Draw a spot that a camera sees well."""
        spots = self.ground.sights[camera]
        return spots[self.rng.integers(len(spots))].copy()

    def clip_inside(self, spot: Floats) -> Floats:
        """Clip a spot to the walkable ground."""
        return np.clip(spot, -self.ground.half, self.ground.half)

    def step(self, seconds: float) -> None:
        """Move everyone by one step, one after the other."""
        self.time += seconds
        for number, one in enumerate(self.walkers):
            if not one.present:
                if self.time >= one.until and self.clearance(number, one.position) > 2 * MIN_DISTANCE:
                    self.enter(number)
            elif one.standing:
                self.stand(number, seconds)
            else:
                self.walk(number, seconds)

    def stand(self, number: int, seconds: float) -> None:
        """Let a standing person slow down, turn to their partner, and go on when it is time."""
        one = self.walkers[number]
        assert one.goals is not None
        partner = one.goals[0][2]
        if partner is not None and self.walkers[partner].present:
            turn_towards(one, yaw_of(self.walkers[partner].position - one.position), seconds)
        self.advance(number, max(0.0, one.speed - ACCELERATION * seconds), seconds)
        if self.time >= one.until:
            one.goals.pop(0)
            one.standing = False

    def walk(self, number: int, seconds: float) -> None:
        """Let a person walk towards the goal and around the others."""
        one = self.walkers[number]
        assert one.goals is not None
        goal, pause, _ = one.goals[0]
        way = goal - one.position
        distance = float(np.hypot(*way))
        if distance < ARRIVED + (0.5 * one.speed**2 / ACCELERATION if pause else 0.0):
            self.arrive(number)
            return
        velocity = self.choose_velocity(number, yaw_of(way))
        wanted = float(np.hypot(*velocity))
        if wanted > 0.05:
            turn_towards(one, yaw_of(velocity), seconds)
            wanted *= max(0.0, np.cos(wrap_angle(yaw_of(velocity) - one.yaw)))  # one turns before one walks off
        change = np.clip(wanted - one.speed, -ACCELERATION * seconds, ACCELERATION * seconds)
        self.advance(number, one.speed + float(change), seconds)

    def arrive(self, number: int) -> None:
        """Let a person who reached a goal stand there, go on to the next, or leave."""
        one = self.walkers[number]
        assert one.goals is not None
        _, pause, partner = one.goals[0]
        if len(one.goals) == 1:
            one.present, one.goals, one.speed = False, None, 0.0
            one.until = self.time + float(self.rng.uniform(*AWAY_SECONDS))
            far = np.argsort(np.hypot(*(self.ground.exits - one.position).T))
            one.position = self.ground.exits[self.rng.choice(far[len(far) // 2 :])].copy()
        elif pause:
            one.standing, one.until = True, self.time + pause
            if partner is not None:
                self.wait_for_partner(number, partner, pause)
        else:
            one.goals.pop(0)

    def wait_for_partner(self, number: int, partner: int, pause: float) -> None:
        """Let the first of two partners wait for the other; then both stand equally long."""
        one, other = self.walkers[number], self.walkers[partner]
        if other.standing and other.goals is not None and other.goals[0][2] == number:
            one.until = other.until = self.time + pause
        elif other.present and other.goals is not None and any(with_ == number for _, _, with_ in other.goals):
            one.until = self.time + WAIT_SECONDS

    def choose_velocity(self, number: int, towards: float) -> Floats:
        """Choose the velocity (2,) with the least cost of detour and collision among some candidates."""
        one = self.walkers[number]
        others = [other for k, other in enumerate(self.walkers) if k != number and other.present]
        angles = towards + CANDIDATE_ANGLES
        velocity = (one.pace * np.array([[1.0], [0.55]]))[..., None] * direction_of(angles)  # (speeds, angles, 2)
        cost = (
            1
            - np.cos(CANDIDATE_ANGLES)
            + 0.25 * np.abs(wrap_angle(CANDIDATE_ANGLES - one.aside))
            + np.array([[0.0], [0.25]])
        )
        outside = np.abs(one.position + 0.8 * direction_of(angles)) > self.ground.half + 0.05
        cost = cost + 2.0 * outside.any(-1)
        if others:
            gap = np.array([other.position for other in others]) - one.position
            moving = np.array([other.speed * direction_of(other.yaw) for other in others])
            nearness = collision_cost(gap, velocity[..., None, :] - moving)
            cost = cost + nearness.max(-1)
        best = np.unravel_index(int(cost.argmin()), cost.shape)
        one.aside = float(CANDIDATE_ANGLES[best[1]])
        if cost[best] > 4.0:
            return np.zeros(2)  # hemmed in: wait
        return velocity[best]

    def advance(self, number: int, speed: float, seconds: float) -> None:
        """Move a person ahead, unless someone is in the way."""
        one = self.walkers[number]
        spot = self.clip_inside(one.position + speed * seconds * direction_of(one.yaw))
        if speed > 0 and self.clearance(number, spot) <= MIN_DISTANCE:
            one.speed = 0.0
            return
        one.walked += float(np.hypot(*(spot - one.position)))
        one.position, one.speed = spot, speed


def collision_cost(gap: Floats, closing: Floats) -> Floats:
    """Compute the cost of relative velocities (..., K, 2) towards people at gaps (K, 2): 0 without a collision.

    It is greater for a sooner and for a nearer pass.
    """
    square = np.maximum((closing**2).sum(-1), 1e-9)
    when = np.clip((gap * closing).sum(-1) / square, 0, LOOK_AHEAD)
    miss = np.sqrt(((gap - when[..., None] * closing) ** 2).sum(-1))
    short = np.clip((PASSING_DISTANCE - miss) / (PASSING_DISTANCE - 0.9 * MIN_DISTANCE), 0, 1)
    now = np.sqrt((gap**2).sum(-1))
    coming = (gap * closing).sum(-1) > 0
    return np.where(coming, short * (0.4 + 4.0 * (1 - when / LOOK_AHEAD) ** 2 * np.clip(2.5 / now, 0, 1.5)), 0.0)


def direction_of(yaw: Floats | float) -> Floats:
    """The direction (..., 2) of a yaw."""
    return np.stack([np.sin(yaw), -np.cos(yaw)], -1)


def yaw_of(way: Floats) -> float:
    """The yaw of a direction (2,)."""
    return float(np.arctan2(way[0], -way[1]))


def wrap_angle(angle: Floats | float) -> Floats:
    """Wrap an angle to -pi to pi."""
    return np.asarray((np.asarray(angle) + np.pi) % (2 * np.pi) - np.pi)


def turn_towards(one: Walker, towards: float, seconds: float) -> None:
    """Turn a walker towards a yaw, as far as TURN_RATE allows."""
    one.yaw += float(np.clip(wrap_angle(towards - one.yaw), -TURN_RATE * seconds, TURN_RATE * seconds))
