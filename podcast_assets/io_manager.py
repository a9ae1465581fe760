"""Dagster's face of the lake: an asset's frame goes to, and comes from, the Parquet file of its table and day."""

import datetime as dt
from typing import TYPE_CHECKING, Any

import dagster as dg
import polars as pl

from podcast_assets.storage import PART, Lake, frame_of

if TYPE_CHECKING:
    from upath import UPath


class LakeIOManager(dg.UPathIOManager):
    """Stores and loads ``polars.DataFrame`` by the layout of :class:`~podcast_assets.storage.Lake`.

    A frame that does not match the schema of its table is refused.
    """

    def __init__(self, lake: Lake) -> None:
        from upath import UPath

        super().__init__(base_path=UPath(lake.root))
        self._lake = lake

    def get_path_for_partition(self, context: Any, path: "UPath", partition: str) -> "UPath":
        """``<table>/day=<partition>/part-0.parquet``."""
        return path / f"day={dt.date.fromisoformat(partition)}" / PART

    def _get_path(self, context: dg.InputContext | dg.OutputContext) -> "UPath":
        return self._get_path_without_extension(context) / PART

    def dump_to_path(self, context: dg.OutputContext, obj: pl.DataFrame, path: "UPath") -> None:
        """Writes the frame whole or not at all."""
        day = dt.date.fromisoformat(context.partition_key) if context.has_partition_key else None
        self._lake.write(context.asset_key.path[-1], obj, day)

    def load_from_path(self, context: dg.InputContext, path: "UPath") -> pl.DataFrame:
        """Reads a partition."""
        return frame_of(context.asset_key.path[-1], path.read_bytes(), path)

    def get_metadata(self, context: dg.OutputContext, obj: pl.DataFrame) -> dict[str, dg.MetadataValue]:
        """The row count, under the name that Dagster plots, and the columns."""
        columns = [dg.TableColumn(name, str(dtype)) for name, dtype in obj.schema.items()]
        return {
            "dagster/row_count": dg.MetadataValue.int(len(obj)),
            "dagster/column_schema": dg.TableSchemaMetadataValue(dg.TableSchema(columns)),
        }
