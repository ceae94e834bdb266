-- Runs start replicate by replicate, and in each replicate first the points that others are compared with. Those that are there get the numbers
-- that they would be given now. An ordinal is taken by one run of an experiment at a time, so all move out of the way first.
UPDATE runs SET ordinal = -1 - ordinal;

UPDATE runs
SET ordinal = runs.replicate * pass.length + pass.place
FROM (
  SELECT
    points.id,
    row_number() OVER (PARTITION BY points.experiment_id ORDER BY compared.id IS NOT NULL DESC, points.index) - 1 AS place,
    count(*) OVER (PARTITION BY points.experiment_id) AS length
  FROM points
  LEFT JOIN (
    SELECT twin_point_id AS id FROM points WHERE twin_point_id <> id
    UNION
    SELECT matched_twin_point_id FROM points WHERE matched_twin_point_id <> id
  ) AS compared ON compared.id = points.id
) AS pass
WHERE pass.id = runs.point_id;
