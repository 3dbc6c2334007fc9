using System.Text.Json.Serialization;
using Requant.Checkpoints.Safetensors;

namespace Requant.Distributed.Sharding;

/// <summary>What a rank has of one parameter for a checkpoint.</summary>
/// <param name="Piece">Number of the piece.</param>
/// <param name="Parameter">What the file says of the parameter, as JSON.</param>
/// <param name="Tensors">What the rank has of its tensors.</param>
internal sealed record SavedPiece(int Piece, byte[] Parameter, IReadOnlyList<SavedTensor> Tensors);

/// <summary>What a rank has of a tensor of the file.</summary>
/// <param name="Number">Its number among the rank's.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Count">Elements; -1 for a scalar.</param>
/// <param name="Checksum">Of its bytes, where the rank has all of them.</param>
internal sealed record SavedTensor(int Number, string Name, SafetensorsType Type, long Count, string? Checksum);

/// <summary>The same as JSON.</summary>
[JsonSerializable(typeof(List<SavedPiece>))]
internal sealed partial class ShardedJson : JsonSerializerContext;
