-- What a private experiment computes is a computation among its owner's private experiments: others do not share it, wait for it, or learn of it.
-- Results that are shared already stay so.
UPDATE "runs" SET
    "computation" = sha256(convert_to(
        "points"."hash" || ':' || "runs"."seed" || ':' || "runs"."engine_version"
        || CASE
            WHEN "points"."data_fingerprint" IS NOT NULL THEN ':' || "points"."data_fingerprint"
            WHEN "points"."config" -> 'task' ->> 'dataset' IS NULL THEN ''
            ELSE ':unknown ' || "runs"."id"
        END
        || ':private ' || coalesce("experiments"."owner_id"::text, 'nobody'), 'UTF8'))
FROM "points" JOIN "experiments" ON "experiments"."id" = "points"."experiment_id"
WHERE "points"."id" = "runs"."point_id" AND "experiments"."visibility" = 'private';
