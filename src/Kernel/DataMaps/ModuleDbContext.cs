using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Tenet.Kernel.Postgres;

namespace Tenet.Kernel.DataMaps;

/// <summary>A module's entities. Tables and columns come from the data map, enums are stored as text; the module adds its relations.</summary>
public abstract class ModuleDbContext(DbContextOptions options) : DbContext(options)
{
    /// <summary>The entities of this module and what their attributes cannot say: keys, relations, conversions.</summary>
    protected abstract void Map(ModelBuilder model);

    protected sealed override void OnModelCreating(ModelBuilder modelBuilder)
    {
        Map(modelBuilder);
        foreach (var entity in modelBuilder.Model.GetEntityTypes().ToList())
        {
            var table = Records.Read(entity.ClrType);
            entity.SetSchema(table.Schema);
            entity.SetTableName(table.Name);
            foreach (var property in entity.GetProperties().ToList())
            {
                property.SetColumnName(SqlValue.SnakeCase(property.Name));
                var type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
                if (type.IsEnum)
                {
                    property.SetValueConverter((ValueConverter)Activator.CreateInstance(typeof(EnumText<>).MakeGenericType(type))!);
                }
            }
        }
    }

    // One instance per enum type, made by EF's own convention of open generic converters.
    private sealed class EnumText<T>() : ValueConverter<T, string>(value => SqlValue.Text(value), text => SqlValue.Enum<T>(text))
        where T : struct, Enum;
}

/// <summary>Opens a module's context on the connection of the one door.</summary>
public sealed class ModuleDatabase<T>(Func<DbContextOptions<T>, T> create)
    where T : ModuleDbContext
{
    internal T Open(DbConnection connection) => create(new DbContextOptionsBuilder<T>().UseNpgsql(connection).Options);
}
